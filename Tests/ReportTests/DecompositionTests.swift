import Records
import Testing

@testable import Report

@Suite("From the published rho to the rigorous one")
struct DecompositionTests {
  let draws = ReportDraws(resamples: 499, permutations: 999)

  private func runs(_ rhos: [(Double?, Double?, Double?)], task: String = "sort") -> [RunRecord] {
    rhos.enumerated().map { seed, rho in
      Synthetic.run(
        task, seed: seed,
        rigorous: Synthetic.rigorous(steps: [
          .init(step: "published", rho: rho.0, reason: rho.0 == nil ? "a score is constant" : nil),
          .init(step: "ablate_before_w_o", rho: rho.1, reason: nil),
          .init(step: "correct_attenuation", rho: rho.2, reason: rho.2 == nil ? "low" : nil),
        ]))
    }
  }

  private let rhos: [(Double?, Double?, Double?)] = [
    (0.10, 0.22, 0.4), (0.30, 0.27, nil), (0.20, 0.40, 0.9), (0.15, 0.20, 0.3), (0.25, 0.36, 1.3),
    (0.40, 0.47, 0.8), (0.35, 0.34, 0.7), (nil, 0.9, 0.95),
  ]

  @Test("changes are paired over the seeds that have both rhos, and p counts all sign flips")
  func changes() throws {
    let found = Decomposition(runs(rhos).compactMap(RigorousRun.init), draws)
    #expect(found.steps.map(\.step) == ["published", "ablate_before_w_o", "correct_attenuation"])
    #expect(close(found.steps[0].rho.mean, 1.75 / 7) && found.steps[0].change == nil)
    #expect(found.steps[0].missing == [.init(seed: 7, reason: "a score is constant")])
    #expect(close(found.steps[1].rho.mean, 3.16 / 8) && found.steps[1].rho.count == 8)
    let change = try #require(found.steps[1].change)
    let differences = [0.12, -0.03, 0.2, 0.05, 0.11, 0.07, -0.01]
    #expect(change.mean.count == 7 && close(change.mean.mean, 0.51 / 7))
    // scipy 1.16: permutation_test(…, permutation_type="samples")
    #expect(close(change.test.pValue, 0.0625))
    #expect(close(change.test.pValue, signFlipP(differences)) && change.test.isSignificant == false)
    // The seeds that have the second and the third step: all except the one of "low".
    #expect(close(found.steps[2].change?.mean.mean, (5.35 - 2.89) / 7))
    #expect(close(found.total?.mean.mean, (4.4 - 1.45) / 6) && found.total?.mean.count == 6)
    #expect((found.steps[2].rho.interval?.upper ?? 0) > found.steps[2].rho.mean ?? 0)
  }

  @Test("with fewer than six seeds a p-value is given without a claim, also in the table")
  func few() throws {
    let found = Decomposition(runs(Array(rhos.prefix(5))).compactMap(RigorousRun.init), draws)
    #expect(found.steps[1].change?.test.pValue != nil && found.steps[1].change?.test.isSignificant == nil)
    #expect(decompositionTable("sort", found).text.contains("no claim of significance"))
  }

  @Test("every task with rigorous records has its decomposition, and no other task")
  func tasks() throws {
    var plain = Synthetic.run("copy", seed: 0)
    plain.rigorous = nil
    let all = try TaskDecomposition.all(runs(rhos, task: "reverse") + runs(rhos) + [plain], draws: draws)
    #expect(all.map(\.task) == ["sort", "reverse"] && all[0].seeds == Array(0...7))
    #expect(try TaskDecomposition.all([HandMade.run(seed: 1)], draws: draws).isEmpty)
  }
}
