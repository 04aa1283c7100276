import Records
import Testing

@testable import Report

@Suite("Classes and bloat prediction over seeds")
struct ClassSummaryTests {
  let draws = ReportDraws(resamples: 999, permutations: 1999)

  /// Records with heroes in the last layer and bloats in the first, at a place that changes with the seed.
  private func classes(_ seed: Int, late: Bool) -> [ComponentClass] {
    var classes = Array(repeating: ComponentClass.neutral, count: Synthetic.names.count)
    classes[seed % 4] = late ? .bloat : .hero
    classes[4 + (seed / 2) % 4] = late ? .hero : .bloat
    return classes
  }

  private func summary(_ seeds: Int, late: Bool = true) -> ClassSummary {
    let scores: [[Double]] = [
      [1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 3, 5, 4, 6, 7, 8], [1, 3, 2, 4, 5, 6, 8, 7],
    ]
    return ClassSummary(
      (0..<seeds).compactMap { seed in
        RigorousRun(
          Synthetic.run(
            seed: seed, classes: classes(seed, late: late),
            rigorous: Synthetic.rigorous(
              gradients: [Synthetic.gradient(scores[seed % 3])],
              confidence: Synthetic.names.indices.map {
                .init(hero: 0.1 * Double($0), bloat: 0.5, neutral: 0.5 - 0.1 * Double($0))
              },
              sets: [
                Synthetic.joint(
                  joint: seed % 2 == 0 ? 0.001 * Double(seed) : 0.9 + 0.001 * Double(seed), sum: 1)
              ])))
      }, draws)
  }

  @Test("shares of seeds, confidences and Wilson's intervals are given for each component")
  func shares() throws {
    let found = summary(8)
    #expect(found.components.map(\.component) == Synthetic.names)
    #expect(found.components.map(\.bloat) == [2, 2, 2, 2, 0, 0, 0, 0])
    #expect(found.components.map(\.hero) == [0, 0, 0, 0, 2, 2, 2, 2])
    #expect(close(found.components[3].heroConfidence, 0.3) && close(found.components[3].bloatConfidence, 0.5))
    // scipy.stats.binomtest(3, 8).proportion_ci(method="wilson"), with three bloats of eight.
    let three = ClassSummary(
      (0..<8).compactMap { seed in
        RigorousRun(Synthetic.run(seed: seed, classes: classes(seed < 3 ? 0 : 1, late: true)))
      }, draws)
    #expect(abs((three.components[0].bloatInterval?.lower ?? 0) - 0.13684428582359737) <= 1e-12)
    #expect(abs((three.components[0].bloatInterval?.upper ?? 0) - 0.6942576053973728) <= 1e-12)
  }

  @Test("the test finds planted late heroes, and does not find early ones late")
  func late() {
    let found = summary(8)
    #expect(close(found.heroesLate.statistic, 1) && found.heroesLate.isSignificant == true)
    let opposite = summary(8, late: false)
    #expect(close(opposite.heroesLate.statistic, -1) && opposite.heroesLate.isSignificant == false)
    #expect(summary(5).heroesLate.isSignificant == nil)
    // Seeds without a hero or a bloat are not counted.
    let few = (0..<8).compactMap { seed in
      RigorousRun(Synthetic.run(seed: seed, classes: seed < 5 ? classes(seed, late: true) : []))
    }
    #expect(ClassSummary(few, draws).heroesLate.seeds == 5)
    #expect(ClassSummary(few, draws).heroesLate.isSignificant == nil)
  }

  @Test("concordance and mean ranks are computed from the seeds' scores")
  func ranks() {
    let found = summary(3)
    // Kendall's W by its definition: rank sums 4, 6, 8, 13, 14, 18, 22, 23 about 13.5.
    let sums = [4.0, 6, 8, 13, 14, 18, 22, 23]
    let spread = sums.reduce(0) { $0 + ($1 - 13.5) * ($1 - 13.5) }
    #expect(close(found.concordance[0].kendallW, 12 * spread / (9 * (512 - 8))))
    #expect(found.concordance[0].seeds == 3 && found.concordance[1].kendallW == nil)
    #expect(close(found.components[0].gradientRank.mean, 4.0 / 3))
    #expect(found.components[0].causalRank.mean == nil)
  }

  @Test("two modes of bloat pruning have a small dip p-value, one has a large one")
  func dip() {
    #expect((summary(16).bloatDip.pValue ?? 1) <= 0.05 && summary(16).bloatDip.isSignificant == true)
    let one = ClassSummary(
      (0..<16).compactMap { seed in
        RigorousRun(
          Synthetic.run(
            seed: seed,
            rigorous: Synthetic.rigorous(sets: [Synthetic.joint(joint: 0.05 * Double(seed), sum: 1)])))
      }, draws)
    #expect((one.bloatDip.pValue ?? 0) > 0.5)
  }

  /// Records with bloats whose feature indicates the harm (or nothing), three of each kind in each seed.
  private func prediction(_ seeds: Int, signal: Double, bothKinds: Bool = true) -> BloatPrediction {
    var random = Synthetic(21)
    return BloatPrediction(
      (0..<seeds).compactMap { seed in
        let harms = (0..<8).map { bothKinds && $0 % 2 == 0 ? 0.2 : 0.01 }
        return RigorousRun(
          Synthetic.run(
            seed: seed, classes: (0..<8).map { $0 < 6 ? .bloat : .neutral },
            rigorous: Synthetic.rigorous(
              causal: [Synthetic.causal(harms)],
              features: [
                "noise": random.normals(8),
                "telling": harms.map { ($0 > 0.1 ? signal : 0) + random.normal() },
              ])))
      })
  }

  @Test("a predictive feature predicts, and an unrelated feature does not")
  func predicts() throws {
    let told = prediction(10, signal: 2.5)
    #expect(told.bloats == 60 && told.catastrophic == 30 && told.seedsWithBoth == 10)
    #expect(told.predicts == true && (told.interval?.lower ?? 0) > 0.5 && (told.area ?? 0) > 0.85)
    let null = prediction(10, signal: 0)
    #expect(null.predicts == false && null.interval?.contains(0.5) == true)
  }

  @Test("too few seeds, a single kind of bloat, no bloats and no features give the reason for no claim")
  func reasons() {
    #expect(prediction(4, signal: 2.5).predicts == nil)
    #expect(prediction(4, signal: 2.5).reason?.contains("a claim needs 6") == true)
    let one = prediction(8, signal: 1, bothKinds: false)
    #expect(one.area == nil && one.predicts == nil && one.reason?.contains("both kinds") == true)
    #expect(BloatPrediction([]).reason != nil && BloatPrediction([]).predicts == nil)
  }
}
