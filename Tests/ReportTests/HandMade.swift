import Foundation
import Records

/// Records made by hand, with only the values that a table reads.
enum HandMade {
  static func run(
    _ task: String = "sort", seed: Int, rho: Double? = 0.5, heroes: [String] = [], bloats: [String] = [],
    inWindow: Bool = true, length: Int = 9, accuracy: Double = 0.5, converged: Bool = true,
    components: [RunRecord.ComponentRecord] = [], measures: [String: RunRecord.Measure] = [:],
    pruning: RunRecord.Pruning? = nil, table6: RunRecord.Table6? = nil, quick: Bool = false
  ) -> RunRecord {
    let reason = rho == nil ? "every causal score is 0" : nil
    let own = RunRecord.Measure(rho: rho, rhoReason: reason, heroes: heroes, bloats: bloats)
    return RunRecord(
      task: task, seed: seed, protocolName: "published",
      configuration: .init(maxSteps: quick ? 300 : 15_000, quick: quick),
      device: .init(selector: "cpu", name: "a processor", kind: "cpu"), versions: [:],
      training: .init(steps: 1000, converged: converged, accuracies: [], finalLoss: 1, seconds: 1),
      ood: .init(length: length, accuracy: accuracy, inWindow: inWindow, searched: []),
      components: components, causalMeasure: "published", rho: rho, rhoReason: reason,
      measures: measures.merging(["published": own]) { $1 }, heroes: heroes, bloats: bloats,
      pruning: pruning, table6: table6)
  }

  /// A head with its scores under the two ablations.
  static func component(
    _ name: String, delta: Double, published: Double = 0, mean: Double = 0, head: Int? = 0
  ) -> RunRecord.ComponentRecord {
    .init(
      name: name, layer: 0, head: head, gradient: ["frobenius": 0.1 + 0.2],
      causal: ["published": published, "mean": mean], gradientRank: 3, causalRank: 3 - delta, delta: delta,
      componentClass: .neutral,
      measures: [
        "published": .init(causalRank: 3 - delta, delta: delta, componentClass: .neutral),
        "mean": .init(causalRank: 1.5, delta: 1.5, componentClass: .bloat),
      ])
  }

  static func pruning(baseline: Double, heroes: Double?, bloats: Double?) -> RunRecord.Pruning {
    .init(
      baseline: baseline, pruneHeroes: heroes, pruneBloats: bloats, heroes: ["L2_H1"], bloats: ["L0_H1"])
  }
}

/// Equal up to the rounding of a few additions.
func close(_ value: Double?, _ expected: Double) -> Bool {
  guard let value else { return false }
  return abs(value - expected) <= 1e-12
}
