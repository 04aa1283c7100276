import Compute

/// A place in the forward pass where activations can be read or overwritten, as TransformerLens names it.
/// Matrices are [rows, width]; heads lie side by side.
package enum HookPoint: Hashable, Sendable {
  case residPre(Int)
  /// Before rotary positions turn them.
  case query(Int), key(Int), value(Int)
  /// The heads' outputs before the output projection.
  case z(Int)
  /// The attention block's output: after W_O and its bias, before the residual addition.
  case attentionOut(Int)
  case residMid(Int)
  case mlpPre(Int), mlpPost(Int)
  /// The MLP's output, before the residual addition.
  case mlpOut(Int)
  case residPost(Int)
  case finalNormalised

  /// TransformerLens's name of the hook.
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

  /// Columns of the point's matrix.
  package func width(of configuration: ModelConfiguration) -> Int {
    switch self {
    case .mlpPre, .mlpPost: configuration.dMLP
    default: configuration.dModel
    }
  }
}

/// What a forward calls at the points asked for. A hook may overwrite the matrix; the rows it is given are
/// a group a lane. Hooks belong to one forward and can't leak into the next.
package struct Hooks {
  package var points: Set<HookPoint>
  package var run: (HookPoint, Matrix, RowGroups) throws -> Void

  package init(points: Set<HookPoint>, run: @escaping (HookPoint, Matrix, RowGroups) throws -> Void) {
    self.points = points
    self.run = run
  }

  package static var none: Hooks { Hooks(points: []) { _, _, _ in } }

  /// These hooks, then others: at a shared point both run, in this order.
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
