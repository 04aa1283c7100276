import Records
import Statistics

/// "Worsens with complexity" as a curve: tasks by rung, from what moves integers to known places to what places them by
/// their values and drops or repeats some.
package struct TaskLadder: Codable, Sendable, Equatable {
  package static let names = [
    "copy", "reverse", "rotate", "sort", "sort_descending", "sort_unique", "running_max",
  ]

  package var rows: [Row]
  /// Of each seed with three tasks or more: Spearman's correlation of rung and rho over its tasks. Negative where rho falls
  /// with complexity.
  package var trend: SeedMean
  /// The two-sided sign-flip test of the seeds' trends.
  package var test: TestSummary

  static let fewestTasks = WithinSeedTrend.fewestPlaces

  /// - Parameter tasks: each task's runs; tasks that are on no rung are left out.
  init(_ tasks: [(task: String, runs: [RigorousRun])], _ draws: ReportDraws) {
    let known = Self.names.enumerated().compactMap { rung, name in
      tasks.first { $0.task == name }.map { (rung: rung, runs: $0.runs) }
    }
    func rho(_ run: RigorousRun) -> Double? { run.correlation(.published, .mean)?.rho }
    rows = known.map { rung, runs in
      Row(
        task: Self.names[rung], rung: rung, seeds: runs.count,
        length: mean(runs.map { Double($0.record.ood.length) }) ?? 0,
        accuracy: SeedMean(runs.map(\.record.ood.accuracy), bounds: 0...1, draws),
        rho: SeedMean(runs.compactMap(rho), bounds: SeedMean.correlation, draws),
        corrected: SeedMean(runs.compactMap { $0.correlation(.published, .mean)?.corrected }, draws))
    }
    let points = known.flatMap { rung, runs in
      runs.compactMap { run in rho(run).map { (seed: run.seed, place: Double(rung), rho: $0) } }
    }
    let found = WithinSeedTrend(points, draws)
    trend = found.trend
    test = found.test
  }

  package struct Row: Codable, Sendable, Equatable {
    package var task: String
    /// From 0 for the simplest.
    package var rung: Int
    package var seeds: Int
    /// The mean length at which the seeds were scored.
    package var length: Double
    package var accuracy: SeedMean
    /// Of the published gradient score and the mean ablation on exact match.
    package var rho: SeedMean
    package var corrected: SeedMean
  }
}
