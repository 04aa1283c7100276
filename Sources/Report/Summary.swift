import AtomicFile
import Foundation
import Records

/// What the runs of a study say together: the content of `summary.json`, from which all tables and figures are made.
///
/// It is derived from the study's folder alone, so it can be made again at any time. Runs whose accuracy lies outside the
/// paper's window are counted and listed, but excluded from every mean and total.
package struct Summary: Codable, Sendable, Equatable {
  package static let currentSchema = 1

  package var schema = Summary.currentSchema
  /// The protocol of every run (JSON key `protocol`); `nil` without runs.
  @Nullable package var protocolName: String?
  @Nullable package var configuration: RunRecord.Configuration?
  /// The names of the devices that computed the runs, sorted.
  package var devices: [String]
  /// The runs that ended without a record.
  package var failures: [RunFailure]
  /// Sorting, reversal, then other tasks by name.
  package var tasks: [TaskSummary]
  /// The further measurements of the rigorous protocol. The key is omitted for other protocols.
  package var rigorous: RigorousSummary?

  /// - Throws: `SummaryError` if two runs differ in protocol or configuration, or have the same task and seed.
  package init(_ runs: [RunRecord], failures: [RunFailure] = [], draws: ReportDraws = .init()) throws {
    let byTask = try Self.byTask(runs)
    protocolName = runs.first?.protocolName
    configuration = runs.first?.configuration
    self.failures = failures
    devices = Set(runs.map(\.device.name)).sorted()
    tasks = byTask.map { TaskSummary(task: $0.task, runs: $0.records) }
    rigorous = RigorousSummary(byTask, draws)
  }

  /// The records of each task, ascending by seed. Tasks are in the order of the summary.
  ///
  /// - Throws: as `init`.
  static func byTask(_ runs: [RunRecord]) throws -> [(task: String, records: [RunRecord])] {
    try check(runs)
    let byTask = Dictionary(grouping: runs.map(\.withDefinedClasses), by: \.task)
    return inOrder(byTask.keys).map { task in
      (task: task, records: (byTask[task] ?? []).sorted { $0.seed < $1.seed })
    }
  }

  /// Reads a `summary.json`.
  ///
  /// - Throws: `DecodingError`, or an error of reading.
  package static func read(from url: URL) throws -> Summary {
    try RecordCoding.decode(Summary.self, from: Data(contentsOf: url))
  }

  /// Writes `summary.json` whole or not at all.
  package func write(to url: URL) throws {
    try writeAtomically(try RecordCoding.encode(self), to: url)
  }

  private enum CodingKeys: String, CodingKey {
    case schema
    case protocolName = "protocol"
    case configuration, devices, failures, tasks, rigorous
  }

  /// The paper's tasks in the paper's order, then others by name.
  static func inOrder(_ tasks: some Sequence<String>) -> [String] {
    let known = [PaperTables.sorting, PaperTables.reversal]
    func place(_ task: String) -> (Int, String) {
      (known.firstIndex(of: PaperTables.name(ofTask: task)) ?? known.count, task)
    }
    return tasks.sorted { place($0) < place($1) }
  }

  /// Whether runs can be summarised together.
  ///
  /// - Throws: as `init`.
  package static func check(_ runs: [RunRecord]) throws {
    func name(_ run: RunRecord) -> String { "\(run.task)/seed-\(run.seed)" }
    var seen: Set<String> = []
    for run in runs {
      guard seen.insert(name(run)).inserted else {
        throw SummaryError.duplicate(task: run.task, seed: run.seed)
      }
    }
    guard let first = runs.first else { return }
    for run in runs.dropFirst() {
      guard run.protocolName == first.protocolName else {
        throw SummaryError.mixed("protocol", first: name(first), second: name(run))
      }
      guard run.configuration == first.configuration else {
        throw SummaryError.mixed("configuration", first: name(first), second: name(run))
      }
    }
  }
}
