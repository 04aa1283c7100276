import AtomicFile
import Foundation
import Records
import Study

/// What is known of a run that has no record: `state.json` in its folder, written by the worker that has the run, and
/// removed once the record is there.
package struct RunState: Codable, Equatable, Sendable {
  enum Phase: String, Codable, Sendable { case running, interrupted, failed, lost }

  var phase: Phase
  /// Why it failed or was interrupted.
  var cause: String?
  /// The worker that had it last: `host:process`.
  var worker: String
  /// The selector of that worker's device.
  var device: String
  /// The file in `logs` that has the worker's lines.
  var log: String
  /// How often the run has been begun or continued.
  var attempts: Int
  /// How often its worker ended without a word.
  var losses: Int
  /// The last line of the log when the run failed.
  var lastLine: String?

  private enum CodingKeys: String, CodingKey {
    case phase = "state"
    case cause, worker, device, log, attempts, losses
    case lastLine = "last_line"
  }

  /// A run that has cost this number of workers is left alone, until it is asked for again.
  static let mostLosses = 3

  private static func file(in run: URL) -> URL { run.appendingPathComponent("state.json") }

  /// - Returns: nil where there is no state, or none that can be read: the run is then as good as new.
  static func read(in run: URL) -> RunState? {
    guard let data = try? Data(contentsOf: file(in: run)) else { return nil }
    return try? RecordCoding.decode(RunState.self, from: data)
  }

  /// Writes the state whole or not at all.
  func write(in run: URL) throws {
    try writeAtomically(RecordCoding.encode(self), to: Self.file(in: run))
  }

  static func remove(in run: URL) { unlink(file(in: run).path) }
}
