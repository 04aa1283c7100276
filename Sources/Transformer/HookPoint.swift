import Compute

/// A place in the forward pass where activations can be read or overwritten, named as in TransformerLens.
/// Matrices are [rows, width]; the columns of a head are adjacent.
package enum HookPoint: Hashable, Sendable {
  case residPre(Int)
  /// Before rotary positions rotate queries and keys.
  case query(Int), key(Int), value(Int)
  /// The outputs of the heads before the output projection.
  case z(Int)
  /// What the attention branch adds to the residual stream: the output of W_O with its bias and, if branches are normalised,
  /// of the norm after it.
  case attentionOut(Int)
  case residMid(Int)
  case mlpPre(Int), mlpPost(Int)
  /// What the MLP adds to the residual stream, after the norm of its output if it has one.
  case mlpOut(Int)
  case residPost(Int)
  case finalNormalised

  /// The name in TransformerLens.
  package var name: String {
    switch self {
    case .residPre(let l): "blocks.\(l).hook_resid_pre"
    case .query(let l): "blocks.\(l).attn.hook_q"
    case .key(let l): "blocks.\(l).attn.hook_k"
    case .value(let l): "blocks.\(l).attn.hook_v"
    case .z(let l): "blocks.\(l).attn.hook_z"
    case .attentionOut(let l): "blocks.\(l).hook_attn_out"
    case .residMid(let l): "blocks.\(l).hook_resid_mid"
    case .mlpPre(let l): "blocks.\(l).mlp.hook_pre"
    case .mlpPost(let l): "blocks.\(l).mlp.hook_post"
    case .mlpOut(let l): "blocks.\(l).hook_mlp_out"
    case .residPost(let l): "blocks.\(l).hook_resid_post"
    case .finalNormalised: "ln_final.hook_normalized"
    }
  }

  /// The number of columns of the hook's matrix.
  package func width(of configuration: ModelConfiguration) -> Int {
    switch self {
    case .mlpPre, .mlpPost: configuration.dMLP
    case .query, .key, .value, .z: configuration.attentionWidth
    default: configuration.dModel
    }
  }
}

/// Functions that a forward calls at some points. A hook may overwrite the matrix. The rows passed to it are
/// one group per lane. Hooks belong to one forward and cannot affect the next.
package struct Hooks {
  package var points: Set<HookPoint>
  package var run: (HookPoint, Matrix, RowGroups) throws -> Void

  package init(points: Set<HookPoint>, run: @escaping (HookPoint, Matrix, RowGroups) throws -> Void) {
    self.points = points
    self.run = run
  }

  package static var none: Hooks { Hooks(points: []) { _, _, _ in } }

  /// These hooks, then others. At a shared point both run, in this order.
  package func then(_ others: Hooks) -> Hooks {
    Hooks(points: points.union(others.points)) { [self] point, matrix, rows in
      try self(point, matrix, rows)
      try others(point, matrix, rows)
    }
  }

  func callAsFunction(_ point: HookPoint, _ matrix: @autoclosure () -> Matrix, _ rows: RowGroups) throws {
    guard points.contains(point) else { return }
    try run(point, matrix(), rows)
  }
}
