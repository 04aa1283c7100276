import Compute

/// What one block of a decoder computes. A model is a list of these. The order of the forward, its hooks, the
/// places for interventions and the memory of a pass all follow from it.
package struct BlockSpec: Equatable, Sendable {
  package var attention: AttentionSpec
  package var mlp: MLPSpec
  package var arrangement: Arrangement

  /// How the two branches of a block are connected.
  package enum Arrangement: Equatable, Sendable {
    /// The MLP reads the residual stream after the attention's output was added to it.
    case sequential
  }

  /// The branches in the order in which they run.
  package var branches: [Branch] {
    switch arrangement {
    case .sequential:
      [
        Branch(kind: .attention, reads: .pre, writes: .mid),
        Branch(kind: .mlp, reads: .mid, writes: .post),
      ]
    }
  }
}

/// Causal multi-head attention in which keys and values are as wide as queries.
package struct AttentionSpec: Equatable, Sendable {
  package var heads: Int
  package var headWidth: Int
  /// How queries and keys are rotated to their positions; nil without rotation.
  package var rotary: RotarySpec?

  /// The number of columns of all heads' queries, and equally of their keys, values and outputs.
  package var width: Int { heads * headWidth }
}

/// Rotary positions: at position p, pair j of a head's columns is rotated by the angle
/// `p·base^(−2j/columns)`.
package struct RotarySpec: Equatable, Sendable {
  /// The base of every model that this program makes.
  package static let usualBase = 10_000.0

  /// The number of columns of a head that are rotated.
  package var columns: Int
  package var base: Double
}

/// The MLP of a block.
package enum MLPSpec: Equatable, Sendable {
  /// Two matrices with an activation between them; `width` is the width of the hidden layer.
  case plain(Activation, width: Int)

  /// The width of the hidden layer.
  package var width: Int {
    switch self {
    case .plain(_, let width): width
    }
  }

  package var activation: Activation {
    switch self {
    case .plain(let activation, _): activation
    }
  }
}

/// A part of a block that reads the residual stream, runs, and adds its output to the stream.
package struct Branch: Equatable, Sendable {
  package enum Kind: Equatable, Sendable { case attention, mlp }

  /// The places in a block where the residual stream is read or written.
  package enum Residual: Equatable, Sendable {
    case pre, mid, post

    func hook(_ layer: Int) -> HookPoint {
      switch self {
      case .pre: .residPre(layer)
      case .mid: .residMid(layer)
      case .post: .residPost(layer)
      }
    }
  }

  package var kind: Kind
  package var reads: Residual
  package var writes: Residual
}

extension ModelConfiguration {
  /// The blocks of the model, first to last.
  package var blocks: [BlockSpec] { [BlockSpec](repeating: block, count: layers) }

  /// What every block computes: those of the supported models are alike.
  var block: BlockSpec {
    BlockSpec(
      attention: AttentionSpec(
        heads: heads, headWidth: dHead,
        rotary: positions == .rotary ? RotarySpec(columns: dHead, base: RotarySpec.usualBase) : nil),
      mlp: .plain(.gelu, width: dMLP), arrangement: .sequential)
  }
}
