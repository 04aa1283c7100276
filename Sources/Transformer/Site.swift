/// A place in the forward whose values an intervention changes.
package enum Site: Hashable, Sendable {
  /// The output of a component: a head's z before the output projection, [rows, d_head], or an MLP's output
  /// before the residual addition, [rows, d_model].
  case output(Component)
  /// [rows, d_head]: the coordinates [h·d_head, (h+1)·d_head) of the attention block's output *after* the
  /// output projection. The published program overwrites them to ablate head h.
  case projectedColumns(layer: Int, head: Int)
  /// The residual stream as one port of one component reads it, before the norm: [rows, d_model]. What others read
  /// stays as it is. A component's norm and projection then work on it as they would on the stream.
  case input(Component, Port)
  /// The residual stream that enters a block, [rows, d_model]; with as many as the model has layers, what the final
  /// norm reads.
  case residual(Int)
}

/// An input of a component that can be told from its others.
package enum Port: String, Hashable, Sendable, CaseIterable {
  /// A head's.
  case query = "q"
  case key = "k"
  case value = "v"
  /// An MLP's only one.
  case mlp
}

extension Site {
  /// The hook at which the forward takes its values; for an input, what is computed of it.
  package var hook: HookPoint {
    switch self {
    case .output(.head(let layer, _)): .z(layer)
    case .output(.mlp(let layer)), .input(.mlp(let layer), _), .input(.head(let layer, _), .mlp):
      .mlpOut(layer)
    case .projectedColumns(let layer, _): .attentionOut(layer)
    case .input(.head(let layer, _), .query): .query(layer)
    case .input(.head(let layer, _), .key): .key(layer)
    case .input(.head(let layer, _), .value): .value(layer)
    case .residual(let layer): layer == 0 ? .residPre(0) : .residPost(layer - 1)
    }
  }

  /// The columns of that hook's matrix that change with it.
  package func columns(of configuration: ModelConfiguration) -> Range<Int> {
    switch self {
    case .output(.head(_, let head)), .projectedColumns(_, let head), .input(.head(_, let head), _):
      head * configuration.dHead..<(head + 1) * configuration.dHead
    case .output(.mlp), .input(.mlp, _), .residual: 0..<configuration.dModel
    }
  }

  /// How many values a row of it has.
  package func width(of configuration: ModelConfiguration) -> Int {
    switch self {
    case .output, .projectedColumns: columns(of: configuration).count
    case .input, .residual: configuration.dModel
    }
  }

  /// `L2_H1`, `L2_MLP`; `L2_H1.q`, `L2_MLP's input`; `L2_H1 after W_O`; `the stream into L2`.
  package var name: String {
    switch self {
    case .output(let component): component.name
    case .projectedColumns(let layer, let head): Component.head(layer: layer, head: head).name + " after W_O"
    case .input(let component, .mlp): component.name + "'s input"
    case .input(let component, let port): component.name + "." + port.rawValue
    case .residual(let layer): "the stream into L\(layer)"
    }
  }

  func exists(in configuration: ModelConfiguration) -> Bool {
    switch self {
    case .output(let component): component.exists(in: configuration)
    case .projectedColumns(let layer, let head):
      Component.head(layer: layer, head: head).exists(in: configuration)
    case .input(let component, let port):
      component.exists(in: configuration) && (component.head == nil) == (port == .mlp)
    case .residual(let layer): (0...configuration.layers).contains(layer)
    }
  }
}
