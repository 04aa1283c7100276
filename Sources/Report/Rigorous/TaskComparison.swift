import Records
import Statistics

/// "Reversal exceeds sorting": the rhos of two tasks compared over seeds.
package struct TaskComparison: Codable, Sendable, Equatable {
  /// The name of the rho in `RhoKind` or `AcrossRho`, or of a causal score.
  package var rho: String
  package var first: SeedMean
  package var second: SeedMean
  /// The first minus the second, over the seeds that have both.
  package var paired: SeedMean
  /// One-sided tests of whether the first is larger: `groups` permutes all seeds as independent groups,
  /// `signFlip` flips the signs of differences over shared seeds.
  package var groups: TestSummary
  package var signFlip: TestSummary
  /// The sign-flip test of the opposite claim.
  package var opposite: TestSummary

  init(_ kind: RhoKind, _ first: [RigorousRun], _ second: [RigorousRun], _ draws: ReportDraws) {
    self.init(kind.rawValue, kind.values(first), kind.values(second), bounds: kind.bounds, draws)
  }

  /// - Parameter bounds: the range that this kind of rho cannot leave.
  init(
    _ rho: String, _ one: SeedValues, _ other: SeedValues, bounds: ClosedRange<Double>, _ draws: ReportDraws
  ) {
    self.rho = rho
    first = one.mean(bounds: bounds, draws)
    second = other.mean(bounds: bounds, draws)
    let differences = one.differences(other)
    paired = SeedMean(differences, draws)
    var generator = draws.permutation
    groups = TestSummary(seeds: min(one.values.count, other.values.count)) {
      try groupPermutationTest(
        one.numbers, other.numbers, alternative: .greater, draws: draws.permutations, using: &generator)
    }
    signFlip = TestSummary(signFlip: differences, alternative: .greater, draws)
    opposite = TestSummary(signFlip: differences, alternative: .less, draws)
  }

  /// The rhos of the published gradient score with every causal score that both tasks have.
  static func byCausalScore(
    _ first: [RigorousRun], _ second: [RigorousRun], _ draws: ReportDraws
  ) -> [TaskComparison] {
    func keys(_ runs: [RigorousRun]) -> [CausalKey] {
      firstSeen(
        runs.flatMap(\.rigorous.correlations).map { CausalKey(method: $0.method, effect: $0.effect) })
    }
    let others = Set(keys(second))
    return keys(first).filter(others.contains).map { key in
      TaskComparison(
        key.text, SeedValues(rhosOf: first, .published, key), SeedValues(rhosOf: second, .published, key),
        bounds: SeedMean.correlation, draws)
    }
  }

  /// Whether the first task has the larger rho, by two-sided sign flips at `level` divided by the number of
  /// comparisons; `nil` if the difference is not significant.
  func isFirstLarger(comparisons: Int) -> Bool? {
    guard signFlip.isSignificant != nil, let larger = signFlip.pValue, let smaller = opposite.pValue else {
      return nil
    }
    let level = TestSummary.level / 2 / Double(comparisons)
    return larger <= level ? true : smaller <= level ? false : nil
  }

  private enum CodingKeys: String, CodingKey {
    case rho, first, second, paired, groups
    case signFlip = "sign_flip"
    case opposite
  }
}

/// The rhos that verdicts are about.
enum RhoKind: String, CaseIterable {
  /// The first step of the decomposition: what the published program measures.
  case published
  /// The published gradient score against mean ablation on exact match, over all samples.
  case meanAblation = "mean_ablation"
  /// The same, corrected for attenuation.
  case corrected

  var bounds: ClosedRange<Double> {
    self == .corrected ? SeedMean.unbounded : SeedMean.correlation
  }

  func values(_ runs: [RigorousRun]) -> SeedValues {
    switch self {
    case .published:
      SeedValues(runs) { run in
        let step = run.rigorous.decomposition.first { $0.step == Decomposition.published }
        return (step?.rho, step?.reason)
      }
    case .meanAblation: SeedValues(rhosOf: runs, .published, .mean)
    case .corrected:
      SeedValues(runs) { run in
        let row = run.correlation(.published, .mean)
        return (row?.corrected, row?.reason)
      }
    }
  }

  var text: String {
    switch self {
    case .published: "as published"
    case .meanAblation: "mean ablation"
    case .corrected: "mean ablation, corrected"
    }
  }
}
