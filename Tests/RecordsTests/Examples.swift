import Foundation
import Records

/// Hand-made values.
enum Examples {
  static let component = RunRecord.ComponentRecord(
    name: "L2_H1", layer: 2, head: 1, gradient: ["frobenius": 0.1 + 0.2],
    causal: ["published": 0.07, "mean": -1.0 / 3], gradientRank: 3.5, causalRank: 12, delta: -8.5,
    componentClass: .hero,
    measures: [
      "published": .init(causalRank: 12, delta: -8.5, componentClass: .hero),
      "mean": .init(causalRank: 1, delta: 2.5, componentClass: .neutral),
    ])
  static let mlp = RunRecord.ComponentRecord(
    name: "L3_MLP", layer: 3, head: nil, gradient: ["frobenius": .pi],
    causal: ["published": 0, "mean": .leastNonzeroMagnitude],
    gradientRank: 20, causalRank: 1, delta: 19, componentClass: .bloat,
    measures: ["published": .init(causalRank: 1, delta: 19, componentClass: .bloat)])

  static let record = RunRecord(
    task: "sort", seed: 42, protocolName: "published", configuration: .init(quick: true),
    device: .init(selector: "cpu", name: "CPU", kind: "cpu"),
    versions: ["causalgap": "0.1.0", "swift": "6.3"],
    training: .init(
      steps: 1000, converged: true,
      accuracies: [.init(step: 500, accuracy: 0.41), .init(step: 1000, accuracy: 0.93)],
      finalLoss: 0.123_456_789_012_345_67, seconds: 12.5),
    ood: .init(length: 9, accuracy: 0.72, inWindow: true, searched: [.init(length: 8, accuracy: 0.9)]),
    components: [component, mlp], causalMeasure: "published", rho: nil, rhoReason: "every causal score is 0",
    measures: [
      "published": .init(
        rho: nil, rhoReason: "every causal score is 0", heroes: ["L2_H1"], bloats: ["L3_MLP"]),
      "mean": .init(rho: 0.5, heroes: [], bloats: []),
    ], heroes: ["L2_H1"], bloats: ["L3_MLP"],
    pruning: .init(
      baseline: 0.7, pruneHeroes: 0.3, pruneBloats: nil, heroes: ["L2_H1"], bloats: []),
    timings: ["train": 12.5], notes: ["a note"])
}
