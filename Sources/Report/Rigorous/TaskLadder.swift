import Records
import Statistics
import Tasks

/// "Worsens with complexity" as a curve over tasks: from tasks that move integers to known places to tasks
/// that place them by their values and drop or repeat some.
package struct TaskLadder: Codable, Sendable, Equatable {
  /// Rungs are the places of the catalogue.
  static let names = TaskCatalogue.names

  package var rows: [Row]
  /// For each seed with at least three tasks, Spearman's correlation of rung and rho over its tasks. It is
  /// negative if rho falls with complexity.
  package var trend: SeedMean
  /// The two-sided sign-flip test of these correlations.
  package var test: TestSummary

  static let fewestTasks = WithinSeedTrend.fewestPlaces

  /// - Parameter tasks: the runs of each task; tasks that are on no rung are ignored.
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

  /// One task of the ladder.
  package struct Row: Codable, Sendable, Equatable {
    package var task: String
    /// The place on the ladder, from 0 for the simplest task.
    package var rung: Int
    package var seeds: Int
    /// The mean length at which the seeds were scored.
    package var length: Double
    package var accuracy: SeedMean
    /// The rho of the published gradient score and mean ablation on exact match.
    package var rho: SeedMean
    package var corrected: SeedMean
  }
}
