import Compute
import Devices
import Foundation

/// What a trial of a driver says to the process that started it, one line of JSON each.
struct TrialMessage: Codable {
  /// The operation that is tried next.
  var operation: String?
  /// Something that the user should know.
  var note: String?
  /// The selector of the device, once it has passed.
  var passed: String?
  /// Why it has not.
  var failure: String?

  func send() {
    guard let line = try? JSONEncoder().encode(self) else { return }
    try? FileHandle.standardOutput.write(contentsOf: line + Data("\n".utf8))
  }
}

/// The first use of a driver, in a process of its own: some drivers crash on a kernel, or never come to an end with it.
struct DriverTrial {
  let selector: String

  /// The seconds that a driver may take for the kernels of one operation.
  private static let patience: Double = {
    let given = ProcessInfo.processInfo.environment["CAUSALGAP_DRIVER_SECONDS"].flatMap(Double.init)
    return given.flatMap { $0 > 0 && $0 < 1e6 ? $0 : nil } ?? 180
  }()

  /// - Returns: the selector of the device that passed, which names a family of kernels if it is not the usual one.
  /// - Throws: `FailedTrial`; what the system says where no process can be started.
  func run() throws -> String {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [TryDeviceCommand.name, selector]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    try process.run()
    let lines = LineReader(pipe.fileHandleForReading.fileDescriptor)
    var operation = "start"
    while true {
      switch lines.next(seconds: Self.patience) {
      case .line(let line):
        // A driver may print lines of its own.
        guard let message = try? JSONDecoder().decode(TrialMessage.self, from: line) else { continue }
        if let next = message.operation { operation = next }
        if let note = message.note { say("device: \(note)") }
        if let failure = message.failure { throw FailedTrial(text: failure) }
        if let passed = message.passed { return passed }
      case .end:
        process.waitUntilExit()
        let status = process.terminationStatus
        throw FailedTrial(
          selector, operation,
          process.terminationReason == .exit
            ? "ended it with exit code \(status)" : "ended it with signal \(status)")
      case .silence:
        // One that hangs in the driver may not even end when it is killed: it is not waited for.
        kill(process.processIdentifier, SIGKILL)
        throw FailedTrial(selector, operation, "came to no end in \(amount(Self.patience)) s")
      }
    }
  }

  private func amount(_ seconds: Double) -> String { String(format: "%g", seconds) }
}

/// A driver did not get through its trial.
struct FailedTrial: Error, CustomStringConvertible {
  var description: String

  init(text: String) { description = text }

  init(_ selector: String, _ operation: String, _ end: String) {
    description =
      "device \(selector): its driver was tried in a process of its own and \(end) at '\(operation)'; use another "
      + "version of the driver, another device, or its other kernels (:register or :local behind its name)"
  }
}

/// Reads lines as they come.
private struct LineReader {
  enum Next {
    case line(Data)
    case end
    /// Nothing has come in time.
    case silence
  }

  private final class Rest { var bytes = Data() }

  private let descriptor: Int32
  private let rest = Rest()

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func next(seconds: Double) -> Next {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let end = rest.bytes.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Data(rest.bytes[..<end])
        rest.bytes = Data(rest.bytes[(end + 1)...])
        return .line(line)
      }
      let left = (deadline - .now) / .milliseconds(1)
      guard left > 0 else { return .silence }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(min(left + 1, 1e9)))
      guard ready != 0, !(ready < 0 && errno == EINTR) else { continue }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return .end }
      rest.bytes += buffer[..<count]
    }
  }
}
