import Records
import Statistics
import Testing

@testable import Report

@Suite("Verdicts")
struct VerdictTests {
  let draws = ReportDraws(resamples: 499, permutations: 1999)

  /// Records with rhos near the two centres, and with the other values that the claims need. Joint effects
  /// are near `ratio` times the sum of single effects, with equal deviations above and below.
  private func records(_ seeds: Int, reverse: Double, sort: Double, ratio: Double = 3) -> [RunRecord] {
    var random = Synthetic(17)
    return [("reverse", reverse), ("sort", sort)].flatMap { task, centre in
      (0..<seeds).map { seed in
        let rho = centre + 0.08 * random.normal()
        let sum = 0.2 + 0.02 * random.normal()
        return Synthetic.run(
          task, seed: seed, inWindow: seed > 0,
          rigorous: Synthetic.rigorous(
            correlations: [
              Synthetic.correlation(rho: rho, corrected: rho * 1.1),
              Synthetic.correlation("rms", rho: rho - 0.2 + 0.02 * random.normal()),
            ],
            sets: [Synthetic.joint(joint: ratio * sum + (seed % 2 == 0 ? 0.02 : -0.02), sum: sum)],
            steps: [
              .init(step: "published", rho: rho - 0.05, reason: nil)
            ]),
          pruning: HandMade.pruning(
            baseline: 0.5, heroes: 0.2 + 0.01 * random.normal(), bloats: 0.4 + 0.01 * random.normal()))
      }
    }
  }

  private func verdicts(_ records: [RunRecord]) throws -> [ClaimVerdict] {
    try #require(try Summary(records, draws: draws).rigorous).verdicts
  }

  private func outcome(_ verdicts: [ClaimVerdict], _ claim: String, _ task: String? = nil) -> ClaimVerdict
    .Outcome?
  {
    verdicts.first { $0.claim.contains(claim) && (task == nil || $0.task == task) }?.outcome
  }

  @Test("claims hold for records in which they are planted")
  func holds() throws {
    let found = try verdicts(records(12, reverse: 0.75, sort: 0.25))
    #expect(outcome(found, "agree on reversal (mean ablation)") == .holds)
    #expect(outcome(found, "diverge on sorting (as published)") == .holds)
    #expect(outcome(found, "rho on reversal exceeds rho on sorting (as published)") == .holds)
    #expect(outcome(found, "rho on reversal exceeds rho on sorting (mean ablation)") == .holds)
    #expect(outcome(found, "pruning heroes costs more", "sort") == .holds)
    #expect(outcome(found, "more than the sum of each", "sort") == .holds)
    #expect(outcome(found, "14 times the sum", "sort") == .doesNotHold)
    #expect(outcome(found, "normalising the gradient", "reverse") == .holds)
    #expect(found.allSatisfy { !$0.numbers.isEmpty && !$0.rule.isEmpty })
    // Those that are decided together are corrected for their number; the others say that they are not.
    let together = found.filter { $0.correctedP != nil }
    #expect(together.count == 12)
    let corrected = holm(together.compactMap(\.pValue))
    #expect(zip(together, corrected).allSatisfy { $0.correctedP == $1 && $0.rule.contains("for 12 claims") })
    #expect(together.allSatisfy { ($0.power ?? -1) >= 0 && $0.effect != nil })
    for verdict in found where verdict.correctedP == nil {
      #expect(
        verdict.rule.hasSuffix("exploratory, not corrected") || verdict.numbers == "no seed has a value")
    }
  }

  @Test("claims do not hold for records with the planted opposite")
  func opposites() throws {
    let found = try verdicts(records(12, reverse: 0.2, sort: 0.8, ratio: 0.4))
    #expect(outcome(found, "agree on reversal (mean ablation)") == .doesNotHold)
    #expect(outcome(found, "diverge on sorting (mean ablation)") == .doesNotHold)
    #expect(outcome(found, "exceeds rho on sorting (mean ablation)") == .doesNotHold)
    #expect(outcome(found, "more than the sum of each", "sort") == .doesNotHold)
  }

  @Test("a claim is inconclusive without a difference or without a measurement")
  func nothing() throws {
    let found = try verdicts(records(12, reverse: 0.5, sort: 0.5, ratio: 1))
    #expect(outcome(found, "exceeds rho on sorting (mean ablation)") == .inconclusive)
    #expect(outcome(found, "more than the sum of each", "sort") == .inconclusive)
    #expect(outcome(found, "heroes are late", "sort") == .inconclusive)
    #expect(outcome(found, "distinguished before pruning", "sort") == .inconclusive)
    let undecided = found.first { $0.claim.hasSuffix("exceeds rho on sorting (mean ablation)") }
    #expect(
      undecided?.seedsNeeded.map { $0 < 12 } == true
        && undecided?.numbers.contains("seeds show such an effect") == true)
  }

  @Test("every claim is inconclusive with fewer than six seeds, however clear the numbers are")
  func few() throws {
    let found = try verdicts(records(5, reverse: 0.9, sort: 0.1))
    #expect(found.count > 10)
    #expect(found.allSatisfy { $0.outcome == .inconclusive })
  }
}
