import Transformer

/// A component or an edge with the method of its intervention, as named on the command line: `L1_H2=mean` or
/// `L0_H1>L2_H3.q=noising`.
package struct NamedIntervention: Equatable, Sendable {
  package enum Target: Equatable, Sendable {
    case component(Component)
    case edge(Edge)

    package var name: String {
      switch self {
      case .component(let component): component.name
      case .edge(let edge): edge.name
      }
    }
  }

  package let target: Target
  package let method: InterventionMethod

  /// The name on the command line, such as `L1_H2=mean`.
  package var name: String { "\(target.name)=\(method.rawValue)" }

  /// Reads a list of components and methods that need no other run, such as `L1_H2=mean,L0_MLP=zero`.
  ///
  /// - Throws: `ImportanceError` for a component that does not exist or is named twice, and for a method that
  ///   is unknown or needs another run.
  package static func ablations(_ text: String, in configuration: ModelConfiguration) throws
    -> [NamedIntervention]
  {
    try list(text) { name, method in
      let component = try Component(named: name, in: configuration)
      guard let method = InterventionMethod(rawValue: method), method.isAblation else {
        throw ImportanceError.unknownReplacement(method)
      }
      return NamedIntervention(target: .component(component), method: method)
    }
  }

  /// Reads a list of components and edges with their methods, such as `L0_H1>L2_H3.q=noising,L1_MLP=noising`.
  ///
  /// - Throws: `ImportanceError` for a name that does not exist or is repeated, for a method that is unknown
  ///   or needs a donor, and for methods that change different runs.
  package static func patches(_ text: String, in configuration: ModelConfiguration) throws
    -> [NamedIntervention]
  {
    let list = try list(text) { name, method in
      let target: Target =
        name.contains(">")
        ? .edge(try Edge(named: name, in: configuration))
        : .component(try Component(named: name, in: configuration))
      guard let method = InterventionMethod(rawValue: method), method != .resample else {
        throw ImportanceError.unknownPatch(method)
      }
      return NamedIntervention(target: target, method: method)
    }
    if let first = list.first, let other = list.first(where: { $0.method.base != first.method.base }) {
      throw ImportanceError.contradiction(
        "\(first.name) and \(other.name) are made in different runs: denoising starts from the corrupted run, the others from the clean one"
      )
    }
    return list
  }

  private static func list(
    _ text: String, _ item: (String, String) throws -> NamedIntervention
  ) throws -> [NamedIntervention] {
    let items = try text.split(separator: ",").map { part in
      let parts = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      return try item(parts[0], parts.count > 1 ? parts[1] : "")
    }
    var names = Set<String>()
    if let twice = items.first(where: { !names.insert($0.target.name).inserted }) {
      throw ImportanceError.namedTwice(twice.target.name)
    }
    return items
  }

  /// The intervention on the target alone.
  ///
  /// - Throws: `ImportanceError.missingMeans`, `.contradiction`.
  package func intervention(in configuration: ModelConfiguration, means: ComponentMeans?) throws
    -> Intervention
  {
    switch target {
    case .component(let component): try method.intervention(on: [component], means: means)
    case .edge(let edge): try method.intervention(onEdges: [edge], in: configuration, means: means)
    }
  }
}

extension [NamedIntervention] {
  /// The intervention on all targets together.
  ///
  /// - Throws: `ImportanceError.missingMeans`, `.contradiction`.
  package func intervention(in configuration: ModelConfiguration, means: ComponentMeans?) throws
    -> Intervention
  {
    let each = try map { try $0.intervention(in: configuration, means: means) }
    return Intervention(run: each.first?.run ?? 0, patches: each.flatMap(\.patches))
  }
}
