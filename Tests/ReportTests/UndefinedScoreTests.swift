import Records
import Testing

@testable import Report

/// Untrained models answer nothing. Every ablation then costs nothing, and the causal score is equal for all
/// components. Records of earlier versions assign classes in spite of this.
@Suite("Seeds whose score is the same for every component")
struct UndefinedScoreTests {
  let draws = ReportDraws(resamples: 499, permutations: 1999)

  private static let classes: [ComponentClass] = [
    .bloat, .bloat, .neutral, .neutral, .neutral, .neutral, .hero, .hero,
  ]

  private func seed(_ seed: Int, rho: Double?) -> RunRecord {
    let confidence = Self.classes.map { kind in
      RunRecord.ClassConfidence(
        hero: kind == .hero ? 1 : 0, bloat: kind == .bloat ? 1 : 0, neutral: kind == .neutral ? 1 : 0)
    }
    var run = Synthetic.run(
      seed: seed, classes: Self.classes,
      rigorous: Synthetic.rigorous(
        gradients: [Synthetic.gradient((0..<8).map { Double($0) + 0.01 * Double(seed) })],
        causal: [Synthetic.causal((0..<8).map { rho == nil ? 0 : Double(($0 * 5 + seed) % 8) })],
        correlations: [Synthetic.correlation(rho: rho, reason: rho == nil ? "constant" : nil)],
        confidence: confidence,
        sets: [Synthetic.joint(joint: 0.01 * Double(seed), sum: 0.1, inDistribution: 0.01 * Double(seed))],
        features: ["feature": (0..<8).map(Double.init)]),
      pruning: HandMade.pruning(baseline: 0.5, heroes: 0.2, bloats: 0.4))
    run.rho = rho
    run.heroes = ["L1_H2", "L1_MLP"]
    run.bloats = ["L0_H0", "L0_H1"]
    run.measures = ["mean": .init(rho: rho, heroes: run.heroes, bloats: run.bloats)]
    return run
  }

  @Test("are used in no class, no test and no verdict")
  func excluded() throws {
    let summary = try Summary((1...8).map { seed($0, rho: nil) }, draws: draws)
    let found = try #require(summary.rigorous)
    let task = found.tasks[0]
    #expect(task.classes.components.allSatisfy { $0.hero == 0 && $0.bloat == 0 })
    #expect(task.classes.components.allSatisfy { $0.heroConfidence == nil && $0.bloatConfidence == nil })
    #expect(task.classes.components.allSatisfy { $0.causalRank.count == 0 && $0.gradientRank.count == 8 })
    #expect(task.classes.concordance.map(\.seeds) == [8, 0])
    #expect(task.classes.heroesLate.pValue == nil && task.classes.heroesLate.seeds == 0)
    #expect(task.classes.bloatDip.pValue == nil && task.classes.bloatDipInDistribution.pValue == nil)
    #expect(task.redundancy.sets.isEmpty && task.prediction.bloats == 0)
    #expect(task.pruning.heroes.count == 0 && task.pruning.bloatsInDistribution.count == 0)
    #expect(!found.verdicts.isEmpty)
    #expect(found.verdicts.allSatisfy { $0.outcome == .inconclusive })
    let row = summary.tasks[0]
    #expect(row.alignment.undefined == 8 && row.alignment.heroes == 0 && row.alignment.bloats == 0)
    #expect(row.heroFrequency.isEmpty && row.bloatFrequency.isEmpty && row.order.isEmpty)
    #expect(row.bySeed.allSatisfy { $0.heroes == 0 && $0.bloats == 0 })
  }

  @Test("do not change the classes found in the other seeds")
  func mixed() throws {
    let defined = (1...7).map { seed($0, rho: 0.4) }
    let alone = try Summary(defined, draws: draws)
    let mixed = try Summary(defined + (11...14).map { seed($0, rho: nil) }, draws: draws)
    let (a, b) = (try #require(alone.rigorous?.tasks.first), try #require(mixed.rigorous?.tasks.first))
    #expect(a.classes.heroesLate.isSignificant == true)
    #expect(a.classes.heroesLate == b.classes.heroesLate && a.classes.heroesLater == b.classes.heroesLater)
    #expect(a.classes.bloatDip == b.classes.bloatDip)
    #expect(a.classes.concordance[1] == b.classes.concordance[1])
    #expect(a.classes.components.map(\.seeds) == b.classes.components.map(\.seeds))
    #expect(a.classes.components.map(\.heroInterval) == b.classes.components.map(\.heroInterval))
    #expect(a.classes.components.map(\.bloatConfidence) == b.classes.components.map(\.bloatConfidence))
    #expect(a.redundancy.sets == b.redundancy.sets && a.pruning == b.pruning)
    #expect(a.prediction.bloats == b.prediction.bloats)
    #expect(alone.tasks[0].order == mixed.tasks[0].order)
    #expect(alone.tasks[0].heroFrequency == mixed.tasks[0].heroFrequency)
  }
}
