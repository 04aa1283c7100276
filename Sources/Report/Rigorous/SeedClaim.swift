import Concurrency
import Errors
import Statistics

/// A claim that one value of each seed decides: their mean lies above or below 0, or is 0.
struct SeedClaim: Sendable {
  enum Side: Sendable {
    case above, below
    /// The claim is that the mean is 0: it can be refuted, and not proved.
    case zero
  }

  var subject: ClaimVerdict.Subject
  var claim: String
  /// `nil` if the claim is about several tasks.
  var task: String?
  /// One per seed.
  var values: [Double]
  var side: Side
  /// The mean that the paper claims, or the smallest that is worth finding: the power is that of finding it.
  var effect: Double
  /// What has this size: `the paper's difference`.
  var effectName: String
  /// The estimates behind the claim, with their intervals.
  var numbers: String
  /// What the value of a seed is.
  var value: String
}

extension ClaimVerdict {
  /// Decides claims together. Each has a two-sided sign-flip test over its seeds, and their p-values are corrected by Holm's
  /// method, so that even one of them is decided wrongly with a probability of at most 0.05. A claim on which no seed has a value does not
  /// count.
  static func decide(_ claims: [SeedClaim], _ draws: ReportDraws) -> [ClaimVerdict] {
    let tests = claims.map { TestSummary(signFlip: $0.values, draws) }
    let counted = claims.indices.filter { !claims[$0].values.isEmpty }
    let corrected = Dictionary(
      uniqueKeysWithValues: zip(counted, holm(counted.map { tests[$0].pValue ?? 1 })))
    return concurrentMap(Array(claims.indices)) { place in
      // Fewer than six seeds decide nothing.
      let isTested = tests[place].isSignificant != nil
      return ClaimVerdict(
        claims[place], tests[place], corrected: isTested ? corrected[place] : nil, of: counted.count, draws)
    }
  }

  private init(
    _ found: SeedClaim, _ test: TestSummary, corrected: Double?, of family: Int, _ draws: ReportDraws
  ) {
    self.init(
      found.subject, found.claim, task: found.task, Self.outcome(found, corrected), seeds: found.values.count,
      numbers: found.numbers,
      rule:
        "two-sided sign-flip test over seeds of \(found.value), p ≤ \(TestSummary.level) after Holm's correction for "
        + "\(counted(family, "claim")), and the sign of the mean")
    pValue = test.pValue
    correctedP = corrected
    let simulation = PowerSimulation(
      found.values, effect: found.effect, level: TestSummary.level / Double(max(family, 1)))
    effect = found.effect
    power = simulation.map { $0.power(count: found.values.count, draws) }
    // A claim that is refuted only by a mean other than 0 is never told by more seeds if the mean is 0.
    seedsNeeded =
      outcome == .inconclusive && found.side != .zero ? simulation.flatMap { $0.countNeeded(draws) } : nil
    guard !found.values.isEmpty else {
      numbers = "no seed has a value"
      return
    }
    numbers = [
      found.numbers,
      NumberText.pValue(test) + (corrected.map { ", corrected \(NumberText.level($0))" } ?? ""),
      power.map { "power \(NumberText.fixed($0, digits: 2)) for \(found.effectName)" },
      Self.need(outcome, found, simulation, seedsNeeded),
    ].compactMap(\.self).joined(separator: "; ")
  }

  private static func outcome(_ found: SeedClaim, _ corrected: Double?) -> Outcome {
    guard let corrected, corrected <= TestSummary.level, let average = mean(found.values) else {
      return .inconclusive
    }
    return switch found.side {
    case .above: average > 0 ? .holds : .doesNotHold
    case .below: average < 0 ? .holds : .doesNotHold
    case .zero: .doesNotHold
    }
  }

  private static func need(
    _ outcome: Outcome, _ found: SeedClaim, _ simulation: PowerSimulation?, _ seeds: Int?
  ) -> String? {
    guard outcome == .inconclusive, found.side != .zero, simulation != nil else { return nil }
    guard let seeds else { return "more than \(PowerSimulation.mostCount) seeds would tell" }
    return seeds > found.values.count
      ? "about \(seeds) seeds would tell" : "about \(seeds) seeds show such an effect"
  }
}

extension PowerSimulation {
  fileprivate func power(count: Int, _ draws: ReportDraws) -> Double {
    var generator = draws.simulation
    return power(count: count, simulations: draws.simulations, using: &generator)
  }

  fileprivate func countNeeded(_ draws: ReportDraws) -> Int? {
    var generator = draws.simulation
    return countNeeded(simulations: draws.simulations / 2, using: &generator)
  }
}
