import Compute

/// What one block of a decoder computes. A model is a list of these. The order of the forward, its hooks, the
/// places for interventions and the memory of a pass all follow from it.
package struct BlockSpec: Equatable, Sendable {
  package var attention: AttentionSpec
  package var mlp: MLPSpec
  package var arrangement: Arrangement
  /// Whether what a branch computes goes through a norm before it is added to the residual stream.
  package var normalisesBranches = false

  /// How the two branches of a block are connected.
  package enum Arrangement: Equatable, Sendable {
    /// The MLP reads the residual stream after the attention's output was added to it.
    case sequential
    /// Both branches read the stream that enters the block, each through its own norm.
    case parallel
  }

  /// The branches in the order in which they run.
  package var branches: [Branch] {
    switch arrangement {
    case .sequential:
      [
        Branch(kind: .attention, reads: .pre, writes: .mid),
        Branch(kind: .mlp, reads: .mid, writes: .post),
      ]
    case .parallel:
      [
        Branch(kind: .attention, reads: .pre, writes: .mid),
        Branch(kind: .mlp, reads: .pre, writes: .post),
      ]
    }
  }
}

/// Causal multi-head attention in which keys and values are as wide as queries.
package struct AttentionSpec: Equatable, Sendable {
  package var heads: Int
  /// The number of heads of queries whose keys and values are equal, because they come from a file in which they are
  /// stored once (Ainslie et al. 2023, arXiv:2305.13245).
  package var keySharing = 1
  package var headWidth: Int
  /// Whether the queries and keys of each head go through a norm of their own, before they are rotated.
  package var normalisesQueriesAndKeys = false
  /// How scores are made of the products of queries and keys, and which keys a query sees.
  package var scores = AttentionScores()
  /// How queries and keys are rotated to their positions; nil without rotation.
  package var rotary: RotarySpec?

  /// The number of columns of all heads' queries, and equally of their keys, values and outputs.
  package var width: Int { heads * headWidth }
}

/// Rotary positions: at position p, pair j of a head's columns is rotated by the angle
/// `p·base^(−2j/columns)`, unless frequencies are scaled.
package struct RotarySpec: Equatable, Sendable {
  /// The base of every model that this program makes.
  package static let usualBase = 10_000.0

  /// The number of columns of a head that are rotated.
  package var columns: Int
  package var base: Double
  package var scaling = RotaryScaling.none

  package init(columns: Int, base: Double, scaling: RotaryScaling = .none) {
    self.columns = columns
    self.base = base
    self.scaling = scaling
  }
}

/// What makes the frequencies of rotary positions smaller, for sequences longer than those of training.
package enum RotaryScaling: Equatable, Sendable {
  case none
  /// All frequencies are divided by a factor (Chen et al. 2023, arXiv:2306.15595).
  case linear(factor: Double)
  /// Llama 3.1: frequencies whose wavelength exceeds `original / low` are divided by the factor, those below `original /
  /// high` stay, and those between are interpolated. `original` is the context of training.
  case llama3(factor: Double, low: Double, high: Double, original: Double)
}

/// The MLP of a block.
package enum MLPSpec: Equatable, Sendable {
  /// Two matrices with an activation between them; `width` is the width of the hidden layer.
  case plain(Activation, width: Int)
  /// A gated linear unit: the first matrix gives `width` arguments of the activation and, after them, as many factors.
  case gated(Activation, width: Int)

  /// The width of the hidden layer.
  package var width: Int {
    switch self {
    case .plain(_, let width), .gated(_, let width): width
    }
  }

  package var activation: Activation {
    switch self {
    case .plain(let activation, _), .gated(let activation, _): activation
    }
  }

  /// The number of columns of the first matrix.
  package var inputWidth: Int {
    switch self {
    case .plain(_, let width): width
    case .gated(_, let width): 2 * width
    }
  }

  /// Whether the activation is computed with the product that gives its argument.
  var isFused: Bool { self == .plain(.gelu, width: width) }
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
  package var blocks: [BlockSpec] {
    (0..<layers).map { layer in
      var spec = block
      spec.attention.scores.window = architecture.slidingWindow?.keys(inLayer: layer)
      return spec
    }
  }

  /// What every block computes, apart from the windows of its attention.
  var block: BlockSpec {
    BlockSpec(
      attention: AttentionSpec(
        heads: heads, keySharing: architecture.keySharing, headWidth: dHead,
        normalisesQueriesAndKeys: architecture.normalisesQueriesAndKeys, scores: architecture.scores,
        rotary: positions == .rotary
          ? architecture.rotary ?? RotarySpec(columns: dHead, base: RotarySpec.usualBase) : nil),
      mlp: architecture.isGatedMLP
        ? .gated(architecture.activation, width: dMLP) : .plain(architecture.activation, width: dMLP),
      arrangement: architecture.arrangement, normalisesBranches: architecture.normalisesBranches)
  }
}
