/// A part of the network whose importance is measured: an attention head or an MLP.
package enum Component: Hashable, Sendable {
  case head(layer: Int, head: Int)
  case mlp(layer: Int)

  package var layer: Int {
    switch self {
    case .head(let layer, _), .mlp(let layer): layer
    }
  }

  package var head: Int? {
    if case .head(_, let head) = self { head } else { nil }
  }

  /// A name such as `L2_H1` or `L2_MLP`.
  package var name: String {
    switch self {
    case .head(let layer, let head): "L\(layer)_H\(head)"
    case .mlp(let layer): "L\(layer)_MLP"
    }
  }

  /// All components of a model, layer by layer: the heads, then the MLP.
  package static func all(of configuration: ModelConfiguration) -> [Component] {
    (0..<configuration.layers).flatMap { layer in
      (0..<configuration.heads).map { Component.head(layer: layer, head: $0) } + [.mlp(layer: layer)]
    }
  }

  /// Whether the model has this component.
  func exists(in configuration: ModelConfiguration) -> Bool {
    (0..<configuration.layers).contains(layer) && (0..<configuration.heads).contains(head ?? 0)
  }
}
