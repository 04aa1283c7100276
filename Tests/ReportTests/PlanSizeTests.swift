import Records
import Statistics
import Testing

@testable import Report

@Suite("The size of a study that is planned") struct PlanSizeTests {
  /// Scores of forty components whose rho differs between seeds, and whose halves have noise of their own.
  private func records(seeds: Int, noise: Double) -> [RunRecord] {
    var random = Synthetic(31)
    return (0..<seeds).map { seed in
      let own = random.normals(40)
      let share = 0.3 + 0.5 * Double(seed) / Double(seeds)
      let causal = own.map { share * $0 + (1 - share) * random.normal() }
      let halves = (0..<2).map { _ in causal.map { $0 + noise * random.normal() } }
      var gradient = Synthetic.gradient(own)
      (gradient.first, gradient.second) = (own, own)
      var table = Synthetic.causal(zip(halves[0], halves[1]).map { ($0 + $1) / 2 })
      (table.first, table.second) = (halves[0], halves[1])
      return Synthetic.run(seed: seed, rigorous: Synthetic.rigorous(gradients: [gradient], causal: [table]))
    }
  }

  private func rho(noise: Double, _ wanted: PlanSize.Wanted = .init()) throws -> PlanSize.Quantity {
    try #require(
      try PlanSize(records(seeds: 24, noise: noise), wanted: wanted).quantities.first {
        $0.name.contains("rho, mean ablation")
      })
  }

  @Test("counts the noise of the measurement apart from the seeds'")
  func parts() throws {
    let (exact, noisy) = (try rho(noise: 0), try rho(noise: 1.5))
    #expect(exact.noiseShare == 0 && exact.seeds == 24)
    #expect(noisy.noiseShare > 0.2 && noisy.noiseShare <= 1)
    // Without noise the number of samples is of no importance; with noise more samples take fewer seeds.
    #expect(Set(exact.seedsNeeded).count == 1)
    #expect(try #require(noisy.seedsNeeded[0][1]) > #require(noisy.seedsNeeded[2][1]))
    #expect(try #require(exact.seedsNeeded[0][0]) > #require(exact.seedsNeeded[0][2]))
    let expected = try seedsNeeded(deviation: exact.deviation, effect: 0.1)
    #expect(exact.seedsNeeded[1][1] == expected)
  }

  @Test("asks for more seeds for more claims, and has a row for each number of samples")
  func wanted() throws {
    let few = try rho(noise: 0.5)
    let many = try rho(noise: 0.5, .init(claims: 21))
    #expect(try #require(many.seedsNeeded[0][0]) > #require(few.seedsNeeded[0][0]))
    let plan = try PlanSize(
      records(seeds: 3, noise: 0.5), wanted: .init(effects: [0.3], samples: [50, 5000]))
    let text = [plan.table].text
    #expect(text.contains("5000") && text.contains("seeds for a difference of"))
  }

  @Test("says nothing without two rigorous records")
  func nothing() throws {
    #expect(try PlanSize([HandMade.run(seed: 1), HandMade.run(seed: 2)]).quantities.isEmpty)
    #expect(try PlanSize(records(seeds: 1, noise: 1)).quantities.isEmpty)
  }
}
