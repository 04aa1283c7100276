import Records
import Statistics
import Testing

@testable import Report

@Suite("What moves rho") struct VarianceOfRhoTests {
  /// A gradient score whose rho with each effect depends on the method alone, on the seed alone, or on noise.
  private func runs(_ agreement: (_ seed: Int, _ method: Int) -> Double, noise: Double = 0) -> [RigorousRun] {
    (0..<10).compactMap { seed in
      var random = Synthetic(UInt64(90 + seed))
      let gradient = random.normals(60)
      let causal = ["mean", "zero", "resample"].enumerated().flatMap { method, name in
        ["exact_match", "log_probability"].map { effect in
          let share = agreement(seed, method)
          let truth = gradient.map { share * $0 + (1 - share * share).squareRoot() * random.normal() }
          var table = Synthetic.causal(truth)
          (table.method, table.effect) = (name, effect)
          table.first = truth.map { $0 + noise * random.normal() }
          table.second = truth.map { $0 + noise * random.normal() }
          table.values = zip(table.first, table.second).map { ($0 + $1) / 2 }
          return table
        }
      }
      return RigorousRun(
        Synthetic.run(
          seed: seed, rigorous: Synthetic.rigorous(gradients: [Synthetic.gradient(gradient)], causal: causal))
      )
    }
  }

  private func variance(_ runs: [RigorousRun]) throws -> VarianceOfRho {
    try #require(VarianceOfRho.all(runs, ReportDraws(resamples: 499, permutations: 999)).first)
  }

  @Test("is the ablation where it decides, and the seed where that decides")
  func sources() throws {
    let byMethod = try variance(runs { _, method in 0.1 + 0.4 * Double(method) })
    #expect(try #require(byMethod.ablation.mean) > 0.7 && byMethod.seeds == 10)
    let bySeed = try variance(runs { seed, _ in 0.09 * Double(seed) })
    #expect(try #require(bySeed.seed.mean) > 0.7)
    for found in [byMethod, bySeed] {
      let parts = [
        found.seed, found.ablation, found.metric, found.seedByAblation, found.seedByMetric,
        found.ablationByMetric, found.rest,
      ]
      #expect(abs(parts.reduce(0) { $0 + ($1.mean ?? .nan) } - 1) <= 1e-9)
      #expect(found.samples.mean == 0 && found.batches.mean == 0)
    }
  }

  @Test("has as much noise in it as the halves of the samples say")
  func noise() throws {
    let calm = try variance(runs({ seed, _ in 0.09 * Double(seed) }, noise: 0.1))
    let loud = try variance(runs({ seed, _ in 0.09 * Double(seed) }, noise: 1.5))
    let (one, other) = (try #require(calm.samples.mean), try #require(loud.samples.mean))
    #expect(one > 0 && one < 0.05 && other > 4 * one && other < 1)
  }

  @Test("needs three seeds with every rho, and is a table with a row for each score")
  func table() throws {
    let all = runs { seed, method in 0.05 * Double(seed) + 0.1 * Double(method) }
    #expect(VarianceOfRho.all(Array(all.prefix(2)), ReportDraws()).isEmpty)
    let found = try variance(Array(all.prefix(3)))
    #expect(found.seeds == 3 && found.gradient == .published)
  }
}
