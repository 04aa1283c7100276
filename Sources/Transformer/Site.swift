/// A place in the forward whose values an intervention changes.
package enum Site: Hashable, Sendable {
  /// The output of a component: a head's z before the output projection, [rows, d_head], or an MLP's output
  /// before the residual addition, [rows, d_model].
  case output(Component)
  /// [rows, d_head]: the coordinates [h·d_head, (h+1)·d_head) of the attention block's output *after* the
  /// output projection. The published program overwrites them to ablate head h.
  case projectedColumns(layer: Int, head: Int)
  /// The residual stream as one port of one component reads it, before the norm: [rows, d_model]. Other
  /// readers of the stream are not affected. The component's norm and projection then process the changed
  /// rows.
  case input(Component, Port)
  /// The residual stream that enters a block, [rows, d_model]. An index equal to the number of layers means
  /// the stream that the final norm reads.
  case residual(Int)
}

/// One of the inputs of a component.
package enum Port: String, Hashable, Sendable, CaseIterable {
  /// An input of a head.
  case query = "q"
  case key = "k"
  case value = "v"
  /// The only input of an MLP.
  case mlp
}

extension Site {
  /// The hook at which the forward reads or writes the site; for an input, the hook of what is computed from
  /// it.
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

  /// The columns of that hook's matrix that belong to the site.
  package func columns(of configuration: ModelConfiguration) -> Range<Int> {
    switch self {
    case .output(.head(_, let head)), .projectedColumns(_, let head), .input(.head(_, let head), _):
      head * configuration.dHead..<(head + 1) * configuration.dHead
    case .output(.mlp), .input(.mlp, _), .residual: 0..<configuration.dModel
    }
  }

  /// The number of values in a row of the site.
  package func width(of configuration: ModelConfiguration) -> Int {
    switch self {
    case .output, .projectedColumns: columns(of: configuration).count
    case .input, .residual: configuration.dModel
    }
  }

  /// The name in messages: `L2_H1`, `L2_MLP`; `L2_H1.q`, `L2_MLP's input`; `L2_H1 after W_O`; `the stream
  /// into L2`.
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
      // The columns after the projection are divided as those before it, which are as many.
      Component.head(layer: layer, head: head).exists(in: configuration)
        && configuration.attentionWidth == configuration.dModel
    case .input(let component, let port):
      component.exists(in: configuration) && (component.head == nil) == (port == .mlp)
    case .residual(let layer): (0...configuration.layers).contains(layer)
    }
  }
}
