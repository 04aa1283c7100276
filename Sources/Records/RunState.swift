import AtomicFile
import Foundation

/// What is known of a run that has no record: `state.json` in its folder. The worker of a sweep that has the run writes it, and so
/// does a study whose run fails. It is removed once the run has its record.
package struct RunState: Codable, Equatable, Sendable {
  package enum Phase: String, Codable, Sendable { case running, interrupted, failed, lost }

  package var phase: Phase
  /// Why it failed or was interrupted.
  package var cause: String?
  /// The process that had it last: `host:process`.
  package var worker: String
  /// The selector of that worker's device.
  package var device: String
  /// The file in a sweep's `logs` that has the worker's lines; empty for a study.
  package var log: String
  /// How often the run has been begun or continued.
  package var attempts: Int
  /// How often its worker ended without a word.
  package var losses: Int
  /// The last line of the log when the run failed.
  package var lastLine: String?

  private enum CodingKeys: String, CodingKey {
    case phase = "state"
    case cause, worker, device, log, attempts, losses
    case lastLine = "last_line"
  }

  package init(
    phase: Phase, cause: String? = nil, worker: String = RunState.thisWorker, device: String,
    log: String = "", attempts: Int, losses: Int = 0
  ) {
    (self.phase, self.cause, self.worker, self.device) = (phase, cause, worker, device)
    (self.log, self.attempts, self.losses) = (log, attempts, losses)
  }

  /// The name of this process in files: `host:process`.
  package static var thisWorker: String { "\(ProcessInfo.processInfo.hostName):\(getpid())" }

  /// Why the run has no record, if it has failed or its worker has ended without a word; `nil` for one that is still worked on or
  /// can continue.
  ///
  /// - Parameter isHeld: whether a process works on the run now.
  package func failure(isHeld: Bool) -> String? {
    guard !isHeld else { return nil }
    switch phase {
    case .failed: return cause ?? "no reason was written"
    case .running, .lost: return cause ?? loss
    case .interrupted: return nil
    }
  }

  /// What is said of a run whose worker is gone.
  package var loss: String { "its worker, \(worker), ended without a word" }

  private static func file(in run: URL) -> URL { run.appendingPathComponent("state.json") }

  /// - Returns: nil where there is no state, or none that can be read: the run is then as good as new.
  package static func read(in run: URL) -> RunState? {
    guard let data = try? Data(contentsOf: file(in: run)) else { return nil }
    return try? RecordCoding.decode(RunState.self, from: data)
  }

  /// Writes the state whole or not at all.
  package func write(in run: URL) throws {
    try writeAtomically(RecordCoding.encode(self), to: Self.file(in: run))
  }

  package static func remove(in run: URL) { unlink(file(in: run).path) }
}
