import Foundation
import Records

/// Something that happened in a sweep: one line of `events.jsonl`.
package struct SweepEvent: Codable, Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case planned, started, claimed, done, failed, interrupted, lost, retried, restarted, ended, submitted,
      preempted
  }

  /// For people; nothing is decided by it, as clocks differ.
  package var time: String
  package var event: Kind
  /// `host:process`
  package var worker: String
  package var device: String?
  package var run: String?
  /// Seconds since the worker took the run.
  package var seconds: Double?
  package var detail: String?
}

/// Appends to `events.jsonl`. Several processes and machines may do so at once.
package struct EventLog: Sendable {
  let file: URL
  package let worker: String
  package var device: String?

  package init(_ folder: SweepFolder, device: String? = nil) {
    file = folder.events
    worker = RunState.thisWorker
    self.device = device
  }

  /// Adds a line. That it can't be written is no reason to stop computing, and is said on the error stream.
  package func add(
    _ event: SweepEvent.Kind, run: String? = nil, seconds: Double? = nil, detail: String? = nil
  ) {
    let event = SweepEvent(
      time: Date.now.formatted(.iso8601), event: event, worker: worker, device: device, run: run,
      seconds: seconds.map { ($0 * 1000).rounded() / 1000 }, detail: detail)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(event) else { return }
    if let reason = append(line + Data("\n".utf8)) {
      FileHandle.standardError.write(Data("note: \(file.path) can't be written: \(reason)\n".utf8))
    }
  }

  /// - Returns: why it could not be written; nil where it was.
  private func append(_ line: Data) -> String? {
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return systemReason(errno: errno) }
    defer { close(descriptor) }
    // On a network file system appending is not atomic, and the lock makes it so.
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    // A line that another process left unfinished, when it was killed or the disk was full, ends here.
    var last: UInt8 = 0
    let end = lseek(descriptor, 0, SEEK_END)
    let isTorn = end > 0 && pread(descriptor, &last, 1, end - 1) == 1 && last != UInt8(ascii: "\n")
    let text = (isTorn ? Data("\n".utf8) : Data()) + line
    return text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == text.count
      ? nil : systemReason(errno: errno)
  }
}
