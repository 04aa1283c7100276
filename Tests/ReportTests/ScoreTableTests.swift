import RandomStreams
import Records
import Statistics
import Testing

@testable import Report

@Suite("Gradient scores compared with causal scores over seeds")
struct ScoreTableTests {
  let draws = ReportDraws(resamples: 499, permutations: 999)

  private func table(_ records: [RunRecord]) -> ScoreTable {
    ScoreTable(records.compactMap(RigorousRun.init), draws)
  }

  @Test("the mean rho has the studentised interval of the fixed stream, within −1 and 1")
  func mean() throws {
    let rhos = [0.91, 0.99, 0.4, 0.97, 0.95, 0.98, 0.2]
    let found = try #require(
      table(
        rhos.enumerated().map { seed, rho in
          Synthetic.run(
            seed: seed, rigorous: Synthetic.rigorous(correlations: [Synthetic.correlation(rho: rho)]))
        }
      ).rows.first)
    #expect(close(found.rho.mean, rhos.reduce(0, +) / 7) && found.rho.count == 7)
    var stream = CounterStream(seed: 2602, purpose: .bootstrap)
    let expected = try studentisedMean(rhos, resamples: 499, bounds: -1...1, using: &stream).value?.interval
    #expect(found.rho.interval == expected && expected != nil)
    #expect((found.rho.interval?.upper ?? 2) <= 1)
  }

  @Test("corrected rhos are averaged over the seeds that have one; the others are listed with reasons")
  func corrected() throws {
    let values: [(Double?, Double?, String?)] = [
      (0.5, 0.7, nil), (0.6, nil, "the first score's reliability is 0.1, below 0.3"), (0.4, 1.2, nil),
      (nil, nil, "a score is the same for every component"),
    ]
    let found = try #require(
      table(
        values.enumerated().map { seed, value in
          Synthetic.run(
            seed: seed,
            rigorous: Synthetic.rigorous(correlations: [
              Synthetic.correlation(rho: value.0, corrected: value.1, reason: value.2)
            ]))
        }
      ).rows.first)
    #expect(found.rho.count == 3 && close(found.rho.mean, 0.5))
    #expect(found.corrected.count == 2 && close(found.corrected.mean, 0.95))
    #expect(found.notEstimable.map(\.seed) == [1, 3])
    #expect(
      missingText(found.notEstimable)
        == "1 seed: a score is the same for every component; 1 seed: the first score's reliability is …, below …"
    )
  }

  @Test("the score to choose is the cheapest within 0.02 of the best, of those that every seed has")
  func choice() throws {
    // RelP is near the best, integrated gradients are the best, and the published score is far away.
    let records = (0..<8).map { seed in
      let wiggle = 0.01 * Double(seed % 4)
      return Synthetic.run(
        seed: seed,
        rigorous: Synthetic.rigorous(
          correlations: [
            ("frobenius", 0.4), ("relp", 0.79), ("grad_drop", 0.8), ("integrated_gradients", 0.8),
            ("attribution_patching", 0.7),
          ].map { Synthetic.correlation($0, rho: $1 + wiggle) } + [
            Synthetic.correlation("integrated_gradients", "training", rho: 0.95),
            Synthetic.correlation("taylor", rho: seed == 3 ? nil : 0.99, reason: "a score is constant"),
            Synthetic.correlation("frobenius", "ood", "zero", rho: 0.3),
          ]))
    }
    let choices = table(records).choices
    #expect(choices.map(\.causal.method) == ["mean", "zero"])
    let choice = choices[0]
    #expect(choice.best.score == "integrated_gradients" || choice.best.score == "grad_drop")
    #expect(choice.cheapest.score == "relp" && choice.cheapestPrice == 2)
    #expect(close(choice.difference.mean, -0.01) && choice.difference.count == 8)
    #expect(choices[1].best == choices[1].cheapest && choices[1].difference.mean == 0)
    #expect(ScoreChoice.price(of: "grad_drop", layers: 4) == 5)
    #expect(ScoreChoice.price(of: "integrated_gradients", layers: 4) == nil)
  }

  @Test("reliabilities are means of those of whole scores, separately for each score")
  func reliability() throws {
    let found = table(
      [(0.9, 0.8), (0.7, 0.5), (0.95, 0.65)].enumerated().map { seed, value in
        Synthetic.run(
          seed: seed,
          rigorous: Synthetic.rigorous(
            gradients: [Synthetic.gradient([1, 2], reliability: value.0)],
            causal: [Synthetic.causal([1, 2], reliability: value.1)],
            correlations: [Synthetic.correlation(rho: 0.5)]))
      })
    #expect(close(found.gradientReliability.first?.reliability.mean, 0.85))
    #expect(close(found.causalReliability.first?.reliability.mean, 0.65))
  }

  /// Two scores and two interventions. `frobenius` agrees with one intervention and contradicts the other;
  /// `fisher` is near 0.3.
  private func flipping(_ seeds: Int) -> [RunRecord] {
    var random = Synthetic(5)
    return (0..<seeds).map { seed in
      func rho(_ centre: Double) -> Double { centre + 0.05 * random.normal() }
      return Synthetic.run(
        seed: seed,
        rigorous: Synthetic.rigorous(correlations: [
          Synthetic.correlation("frobenius", rho: rho(0.6)),
          Synthetic.correlation("frobenius", "ood", "zero", rho: rho(-0.4)),
          Synthetic.correlation("fisher", rho: rho(0.3)),
          Synthetic.correlation("fisher", "ood", "zero", rho: rho(0.3)),
        ]))
    }
  }

  @Test("planted flips of a sign and of an order are found, and no others")
  func flips() throws {
    let flips = table(flipping(8)).flips
    let mean = CausalKey(method: "mean", effect: "exact_match")
    let zero = CausalKey(method: "zero", effect: "exact_match")
    #expect(flips.map(\.kind) == [.sign, .order])
    #expect(flips.allSatisfy { $0.gradient == .published && $0.above == mean && $0.below == zero })
    #expect(flips.first?.other == nil && flips.last?.other?.score == "fisher")
    #expect(abs((flips.last?.aboveMean ?? 0) - 0.3) <= 0.1 && abs((flips.last?.belowMean ?? 0) + 0.7) <= 0.1)
  }

  @Test("the change of rho with another gradient score is paired by seed and tested")
  func contrasts() throws {
    let records = (0..<7).map { seed in
      Synthetic.run(
        seed: seed,
        rigorous: Synthetic.rigorous(correlations: [
          Synthetic.correlation("frobenius", rho: 0.1 * Double(seed)),
          Synthetic.correlation("fisher", rho: 0.1 * Double(seed) + 0.2 + 0.01 * Double(seed % 2)),
          Synthetic.correlation("fisher", "training", rho: 0.9),
        ]))
    }
    let found = table(records).contrasts
    #expect(found.map(\.gradient.text) == ["fisher (ood)"])
    let contrast = try #require(found.first)
    #expect(close(contrast.difference.mean, 0.2 + 0.03 / 7) && contrast.difference.count == 7)
    // All seven differences have one sign.
    #expect(close(contrast.test.pValue, 2 / 128))
  }

  @Test("the task with the larger rho is tested for each causal score, at a level divided by their number")
  func tasks() throws {
    func runs(_ task: String, _ mean: Double, _ zero: Double) -> [RigorousRun] {
      (0..<8).compactMap { seed in
        RigorousRun(
          Synthetic.run(
            task, seed: seed,
            rigorous: Synthetic.rigorous(correlations: [
              Synthetic.correlation(rho: mean + 0.01 * Double(seed)),
              Synthetic.correlation("frobenius", "ood", "zero", rho: zero + 0.01 * Double(seed % 3)),
            ])))
      }
    }
    let found = TaskComparison.byCausalScore(runs("reverse", 0.6, 0.1), runs("sort", 0.3, 0.5), draws)
    #expect(found.map(\.rho) == ["mean on exact_match", "zero on exact_match"])
    #expect(found.map { $0.isFirstLarger(comparisons: 2) } == [true, false])
    // 1/256 is the smallest p of eight seeds, which is too large for a level divided by 24.
    #expect(found.map { $0.isFirstLarger(comparisons: 24) } == [nil, nil])
  }

  @Test("no flip is found with fewer than six seeds or without a difference")
  func noFlips() {
    #expect([1, 6, 24].map { Flip.fewestSeeds(causalScores: $0) } == [6, 8, 10])
    #expect(table(flipping(5)).flips.isEmpty)
    // Four gradient scores and twelve causal scores that differ only by noise: 72 differences, some with p ≤
    // 0.05.
    var random = Synthetic(6)
    let records = (0..<10).map { seed in
      let correlations = ["frobenius", "rms", "taylor", "fisher"].flatMap { score in
        (0..<12).map { method in
          Synthetic.correlation(score, "ood", "method \(method)", rho: 0.3 + 0.2 * random.normal())
        }
      }
      return Synthetic.run(seed: seed, rigorous: Synthetic.rigorous(correlations: correlations))
    }
    #expect(table(records).flips.isEmpty)
  }
}
