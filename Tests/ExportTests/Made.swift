import Records

/// Records with the few values that exports read.
enum Made {
  static func run(seed: Int, rho: Double? = 0.1 + 0.2) -> RunRecord {
    let components = ["L0_H0", "L0_MLP"].enumerated().map { place, name in
      RunRecord.ComponentRecord(
        name: name, layer: 0, head: place == 0 ? 0 : nil, gradient: ["frobenius": 0.5],
        causal: ["published": 0.25], gradientRank: 1.5, causalRank: 1.5, delta: 0, componentClass: .neutral,
        measures: ["published": .init(causalRank: 1.5, delta: 0, componentClass: .neutral)])
    }
    return RunRecord(
      task: "sort", seed: seed, protocolName: "published", configuration: .init(),
      device: .init(selector: "cpu", name: "a \"processor\", or two", kind: "cpu"), versions: [:],
      training: .init(steps: 3, converged: true, accuracies: [], finalLoss: 1, seconds: 1),
      ood: .init(length: 9, accuracy: 0.5, inWindow: true, searched: []), components: components,
      causalMeasure: "published", rho: rho, rhoReason: rho == nil ? "every causal score is 0" : nil,
      measures: ["published": .init(rho: rho, heroes: [], bloats: [])], heroes: [], bloats: [])
  }
}
