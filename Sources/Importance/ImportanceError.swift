import Errors
import Transformer

/// Why an importance cannot be measured.
package enum ImportanceError: ExitCoded, CustomStringConvertible {
  case unknownComponent(String, ModelConfiguration)
  case unknownReplacement(String)
  case ablatedTwice(Component)
  case missingMeans
  /// The parts of a measurement do not fit together.
  case mismatch(String)

  /// Names come from the user; the others are faults of the caller within the program.
  package var exitCode: ProgramExit {
    switch self {
    case .unknownComponent, .unknownReplacement, .ablatedTwice: .usage
    case .missingMeans, .mismatch: .failed
    }
  }

  package var description: String {
    switch self {
    case .unknownComponent(let name, let configuration):
      "there is no component '\(name)'; the model has L0_H0 … L\(configuration.layers - 1)_H\(configuration.heads - 1) and L0_MLP … L\(configuration.layers - 1)_MLP"
    case .unknownReplacement(let name):
      "there is no replacement '\(name)'; an ablation is COMPONENT=mean, zero or published"
    case .ablatedTwice(let component):
      "\(component.name) is named twice; name each component once"
    case .missingMeans:
      "a mean or published replacement needs the components' means"
    case .mismatch(let reason): reason
    }
  }
}

extension Component {
  /// - Throws: `ImportanceError.unknownComponent`, whose message lists the model's components.
  package init(named name: String, in configuration: ModelConfiguration) throws {
    guard let component = Component.all(of: configuration).first(where: { $0.name == name }) else {
      throw ImportanceError.unknownComponent(name, configuration)
    }
    self = component
  }
}
