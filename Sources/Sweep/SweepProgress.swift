import Foundation
import Records

/// How a sweep stands, as shown and as written to `status.json`.
package struct SweepProgress: Codable, Sendable, Equatable {
  /// One worker of this process.
  package struct Worker: Codable, Sendable, Equatable {
    package var device: String
    package var process: Int32
    package var title: String?
    package var step: Int?
    package var total: Int?
  }

  /// For people; nothing is decided by it.
  package var updated: String
  package var runs: Int
  /// The number of runs of each status.
  package var counts: [String: Int]
  package var workers: [Worker]
  /// Runs that this process's workers have finished in an hour, as far as it has run.
  @Nullable package var runsPerHour: Double?
  @Nullable package var secondsLeft: Double?
  /// Runs that have failed or are lost, with their causes.
  package var problems: [RunReport]

  package func count(_ status: RunStatus) -> Int { counts[status.rawValue] ?? 0 }

  package init(runs: Int, reports: [RunReport], workers: [Worker] = [], runsPerHour: Double? = nil) {
    updated = Date.now.formatted(.iso8601)
    self.runs = runs
    counts = Dictionary(grouping: reports, by: \.status.rawValue).mapValues(\.count)
    counts[RunStatus.done.rawValue] = runs - reports.count
    self.workers = workers
    _runsPerHour = Nullable(wrappedValue: runsPerHour)
    let left = Double(reports.count - (counts[RunStatus.failed.rawValue] ?? 0))
    _secondsLeft = Nullable(wrappedValue: runsPerHour.flatMap { $0 > 0 ? left / $0 * 3600 : nil })
    problems = reports.filter { $0.status == .failed || $0.status == .lost }
  }

  /// `12 done, 2 running, 86 pending`, without what there is none of.
  package var text: String {
    RunStatus.allCases.sorted { Self.order($0) < Self.order($1) }
      .compactMap { count($0) > 0 || $0 == .done ? "\(count($0)) \($0.rawValue)" : nil }.joined(
        separator: ", ")
  }

  private static func order(_ status: RunStatus) -> Int {
    [RunStatus.done, .running, .failed, .lost, .interrupted, .pending].firstIndex(of: status) ?? 0
  }

  private enum CodingKeys: String, CodingKey {
    case updated, runs, counts, workers
    case runsPerHour = "runs_per_hour"
    case secondsLeft = "seconds_left"
    case problems
  }
}
