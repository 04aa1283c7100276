import Transformer

/// A component to ablate and a method, as on the command line: `L1_H2=mean`.
package struct Ablation: Equatable, Sendable {
  package let component: Component
  package let method: InterventionMethod

  /// Reads a list such as `L1_H2=mean,L0_MLP=zero`.
  ///
  /// - Throws: `ImportanceError` for a component that the model does not have or that is named twice, and for
  ///   a method that does not exist or needs another run.
  package static func list(_ text: String, in configuration: ModelConfiguration) throws -> [Ablation] {
    let ablations = try text.split(separator: ",").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let component = try Component(named: parts[0], in: configuration)
      let name = parts.count > 1 ? parts[1] : ""
      guard let method = InterventionMethod(rawValue: name), method.isAblation else {
        throw ImportanceError.unknownReplacement(name)
      }
      return Ablation(component: component, method: method)
    }
    var named = Set<Component>()
    if let twice = ablations.first(where: { !named.insert($0.component).inserted }) {
      throw ImportanceError.ablatedTwice(twice.component)
    }
    return ablations
  }

  /// The intervention that makes all of them together.
  ///
  /// - Throws: `ImportanceError.missingMeans`.
  package static func intervention(_ ablations: [Ablation], means: ComponentMeans?) throws -> Intervention {
    Intervention(
      patches: try ablations.flatMap {
        try $0.method.intervention(on: [$0.component], means: means).patches
      })
  }
}
