import Transformer

/// A part of the network whose importance is measured.
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

  /// `L2_H1` or `L2_MLP`
  package var name: String {
    switch self {
    case .head(let layer, let head): "L\(layer)_H\(head)"
    case .mlp(let layer): "L\(layer)_MLP"
    }
  }

  /// All components of a model: by layer, the heads, then the MLP.
  package static func all(of configuration: ModelConfiguration) -> [Component] {
    (0..<configuration.layers).flatMap { layer in
      (0..<configuration.heads).map { Component.head(layer: layer, head: $0) } + [.mlp(layer: layer)]
    }
  }

  /// - Throws: `ImportanceError.unknownComponent`, which says what the model has.
  package init(named name: String, in configuration: ModelConfiguration) throws {
    guard let component = Component.all(of: configuration).first(where: { $0.name == name }) else {
      throw ImportanceError.unknownComponent(name, configuration)
    }
    self = component
  }
}

package enum ImportanceError: Error, CustomStringConvertible {
  case unknownComponent(String, ModelConfiguration)
  case unknownReplacement(String)
  case missingMeans
  /// A patch's rows belong to one batch, and samples were to be streamed.
  case patchedRows
  /// What was measured together does not fit together.
  case mismatch(String)

  package var description: String {
    switch self {
    case .unknownComponent(let name, let configuration):
      "there is no component '\(name)'; the model has L0_H0 … L\(configuration.layers - 1)_H\(configuration.heads - 1) and L0_MLP … L\(configuration.layers - 1)_MLP"
    case .unknownReplacement(let name):
      "there is no replacement '\(name)'; an ablation is COMPONENT=mean, zero or published"
    case .missingMeans:
      "a mean or published replacement needs the components' means"
    case .patchedRows:
      "a patch belongs to the rows of one batch; samples that are streamed take the methods of an InterventionMethod"
    case .mismatch(let reason): reason
    }
  }
}
