import Compute
import Importance
import Transformer
import Records

/// Converts measured values to recorded values.

extension RankComparison {
  func ranking(_ i: Int) -> RunRecord.ComponentRecord.Ranking {
    RunRecord.ComponentRecord.Ranking(
      causalRank: causalRanks[i], delta: deltas[i], componentClass: ComponentClass(classes[i]))
  }

  func names(of kind: Class, _ components: [Component]) -> [String] {
    components.indices.filter { classes[$0] == kind }.map { components[$0].name }
  }

  /// The names of the classes that have components, and the indices of these.
  var sets: [(name: String, places: [Int])] {
    [(RecordNames.ComponentSet.allHeroes, Class.hero), (RecordNames.ComponentSet.allBloats, .bloat)]
      .map { name, kind in (name, classes.indices.filter { classes[$0] == kind }) }
      .filter { !$0.1.isEmpty }
  }

  func measure(_ components: [Component]) -> RunRecord.Measure {
    RunRecord.Measure(
      rho: rho, rhoReason: rhoReason, heroes: names(of: .hero, components),
      bloats: names(of: .bloat, components))
  }
}

extension RankComparison {
  /// The records of all components, whose own ranks are those of this comparison.
  ///
  /// - Parameters:
  ///   - measures: the comparisons under every recorded ablation, by name.
  ///   - gradient: gives the scores of the component with an index.
  ///   - causal: gives its effects.
  func records(
    _ components: [Component], _ measures: [String: RankComparison], gradient: (Int) -> [String: Double],
    causal: (Int) -> [String: Double]
  ) -> [RunRecord.ComponentRecord] {
    components.enumerated().map { i, component in
      RunRecord.ComponentRecord(
        name: component.name, layer: component.layer, head: component.head, gradient: gradient(i),
        causal: causal(i), gradientRank: gradientRanks[i], causalRank: causalRanks[i], delta: deltas[i],
        componentClass: ComponentClass(classes[i]), measures: measures.mapValues { $0.ranking(i) })
    }
  }
}

extension RankComparison.Threshold {
  /// What a difference of ranks must exceed under `rigorous`: three tenths of the components.
  static func rigorous(_ components: [Component]) -> Self { .from(0.3 * Double(components.count)) }
}

extension [RunRecord.CausalTable] {
  /// The effects of one component under each method; the tables are of one effect.
  func values(ofComponent i: Int) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: map { ($0.method, $0.values[i]) })
  }
}

extension ComponentClass {
  init(_ kind: RankComparison.Class) {
    switch kind {
    case .hero: self = .hero
    case .bloat: self = .bloat
    case .neutral: self = .neutral
    }
  }
}

extension RunRecord.Device {
  init(_ device: DeviceDescription) {
    self.init(
      selector: device.selector, name: device.name, kind: device.kind.rawValue, driver: device.driver)
  }
}
