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

  func measure(_ components: [Component]) -> RunRecord.Measure {
    RunRecord.Measure(
      rho: rho, rhoReason: rhoReason, heroes: names(of: .hero, components),
      bloats: names(of: .bloat, components))
  }
}

extension RunRecord.ComponentRecord {
  init(
    _ component: Component, gradient: Double, causal: [String: Double], _ own: Ranking, gradientRank: Double,
    measures: [String: Ranking]
  ) {
    self.init(
      name: component.name, layer: component.layer, head: component.head,
      gradient: [GradientScore.frobenius.rawValue: gradient], causal: causal, gradientRank: gradientRank,
      causalRank: own.causalRank, delta: own.delta, componentClass: own.componentClass, measures: measures)
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
