import Errors
import Transformer

/// The reasons why an importance cannot be measured.
package enum ImportanceError: ExitCoded, CustomStringConvertible {
  case unknownComponent(String, ModelConfiguration)
  /// The name, and what is wrong with it.
  case unknownEdge(String, String)
  case unknownReplacement(String)
  case unknownPatch(String)
  case namedTwice(String)
  /// The requested options contradict each other.
  case contradiction(String)
  case missingMeans
  /// The parts of a measurement do not fit together.
  case mismatch(String)

  /// The exit code. Names and their combinations come from the user; all other cases are faults within the
  /// program.
  package var exitCode: ProgramExit {
    switch self {
    case .unknownComponent, .unknownEdge, .unknownReplacement, .unknownPatch, .namedTwice, .contradiction:
      .usage
    case .missingMeans, .mismatch: .failed
    }
  }

  package var description: String {
    switch self {
    case .unknownComponent(let name, let configuration):
      "there is no component '\(name)'; the model has \(Component.range(configuration))"
    case .unknownEdge(let name, let reason): "there is no edge '\(name)': \(reason)"
    case .unknownReplacement(let name):
      "there is no replacement '\(name)'; an ablation is COMPONENT=mean, zero or published"
    case .unknownPatch(let name):
      "there is no patch '\(name)'; a patch is COMPONENT or WRITER>READER, then =noising, denoising, mean, zero or, for a component, published"
    case .namedTwice(let name): "\(name) is named twice; name it once"
    case .missingMeans: "a mean or published replacement needs the components' means"
    case .contradiction(let reason), .mismatch(let reason): reason
    }
  }
}

extension Component {
  /// The component with the given name.
  ///
  /// - Throws: `ImportanceError.unknownComponent`, whose message lists the model's components.
  package init(named name: String, in configuration: ModelConfiguration) throws {
    guard let component = Component.all(of: configuration).first(where: { $0.name == name }) else {
      throw ImportanceError.unknownComponent(name, configuration)
    }
    self = component
  }
}
