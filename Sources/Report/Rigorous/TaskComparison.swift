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

  /// One rho of two tasks.
  struct Values {
    var rho: String
    var first, second: SeedValues
    /// The range that this kind of rho cannot leave.
    var bounds: ClosedRange<Double>
  }

  /// Compares the tasks by several rhos.
  static func all(_ rhos: [Values], _ draws: ReportDraws) -> [TaskComparison] {
    let pairs = rhos.map { rho in
      Result { () throws(StatisticsError) in try GroupPair(rho.first.numbers, rho.second.numbers) }
    }
    let tests = Result { () throws(StatisticsError) in
      try groupPermutationTests(
        pairs.compactMap { try? $0.get() }, alternative: .greater, draws: draws.permutations,
        using: draws.permutation)
    }
    var place = 0
    return zip(rhos, pairs).map { rho, pair in
      let groups = TestSummary(seeds: min(rho.first.values.count, rho.second.values.count)) {
        _ = try pair.get()
        defer { place += 1 }
        return try tests.get()[place]
      }
      return TaskComparison(rho, groups: groups, draws)
    }
  }

  private init(_ values: Values, groups: TestSummary, _ draws: ReportDraws) {
    rho = values.rho
    first = values.first.mean(bounds: values.bounds, draws)
    second = values.second.mean(bounds: values.bounds, draws)
    let differences = values.first.differences(values.second)
    paired = SeedMean(differences, draws)
    self.groups = groups
    signFlip = TestSummary(signFlip: differences, alternative: .greater, draws)
    opposite = TestSummary(signFlip: differences, alternative: .less, draws)
  }

  /// The rhos that verdicts are about.
  static func byKind(
    _ first: [RigorousRun], _ second: [RigorousRun], _ draws: ReportDraws
  ) -> [TaskComparison] {
    all(
      RhoKind.allCases.map {
        Values(rho: $0.rawValue, first: $0.values(first), second: $0.values(second), bounds: $0.bounds)
      }, draws)
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
    return all(
      keys(first).filter(others.contains).map { key in
        Values(
          rho: key.text, first: SeedValues(rhosOf: first, .published, key),
          second: SeedValues(rhosOf: second, .published, key), bounds: SeedMean.correlation)
      }, draws)
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
