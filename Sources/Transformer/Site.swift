/// A place in the forward whose values an intervention changes.
package enum Site: Hashable, Sendable {
  /// A component's output: a head's z before the output projection, [rows, d_head], or an MLP's output before
  /// the residual addition, [rows, d_model].
  case output(Component)
  /// The coordinates [h·d_head, (h+1)·d_head) of the attention block's output *after* the output projection, where
  /// the published program overwrites what it takes for head h: [rows, d_head].
  case projectedColumns(layer: Int, head: Int)
}

extension Site {
  /// Where its values appear as a matrix.
  package var hook: HookPoint {
    switch self {
    case .output(.head(let layer, _)): .z(layer)
    case .output(.mlp(let layer)): .mlpOut(layer)
    case .projectedColumns(let layer, _): .attentionOut(layer)
    }
  }

  /// Its columns of that matrix.
  package func columns(of configuration: ModelConfiguration) -> Range<Int> {
    switch self {
    case .output(.head(_, let head)), .projectedColumns(_, let head):
      head * configuration.dHead..<(head + 1) * configuration.dHead
    case .output(.mlp): 0..<configuration.dModel
    }
  }

  /// `L2_H1`, `L2_MLP`, or `L2_H1 after W_O`.
  package var name: String {
    switch self {
    case .output(let component): component.name
    case .projectedColumns(let layer, let head): Component.head(layer: layer, head: head).name + " after W_O"
    }
  }

  func exists(in configuration: ModelConfiguration) -> Bool {
    switch self {
    case .output(let component): component.exists(in: configuration)
    case .projectedColumns(let layer, let head):
      Component.head(layer: layer, head: head).exists(in: configuration)
    }
  }
}
