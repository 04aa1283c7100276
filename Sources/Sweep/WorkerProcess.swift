import Foundation
import Study
import Synchronization

/// What a worker is to do, as the program passes it to a process of its own.
package struct WorkerOrder: Codable, Sendable, Equatable {
  package var device: String
  /// Threads of the CPU device; nil for other devices.
  package var threads: Int?
  /// The processors to keep to, `0,1`; nil for all.
  package var processors: String?
  package var shard: String
  package var keep: String
  package var failFast: Bool
  package var ensemble: String
  package var checkpointing: String
  /// The name of the worker's file in the folder's `logs`.
  package var log: String
  /// The process to end with.
  package var parent: Int32

  /// The order as one argument of a command.
  package func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  package init(text: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
  }

  init(
    device: String, threads: Int?, processors: String?, shard: String, keep: String, failFast: Bool,
    ensemble: String, checkpointing: String, log: String
  ) {
    self.device = device
    self.threads = threads
    self.processors = processors
    self.shard = shard
    self.keep = keep
    self.failFast = failFast
    self.ensemble = ensemble
    self.checkpointing = checkpointing
    self.log = log
    parent = getpid()
  }
}

/// What a worker says to the process that started it, one line of JSON each.
package struct WorkerMessage: Codable, Sendable, Equatable {
  /// The models in training, or the run being measured.
  package var title: String
  package var step: Int?
  package var total: Int?
  package var done: Int
  package var failed: Int

  package init(title: String, step: Int? = nil, total: Int? = nil, done: Int, failed: Int) {
    self.title = title
    self.step = step
    self.total = total
    self.done = done
    self.failed = failed
  }
}

/// A worker in a process of its own: what ends it ends no other.
final class WorkerProcess: @unchecked Sendable {
  let order: WorkerOrder
  private let process = Process()
  private let pipe = Pipe()
  private let last = Mutex<WorkerMessage?>(nil)
  private let logFile: URL

  /// - Parameters:
  ///   - arguments: those of this program that make it a worker.
  ///   - log: receives what the worker writes to its error stream.
  /// - Throws: what the system says where no process can be started.
  init(_ order: WorkerOrder, arguments: [String], log: URL) throws {
    self.order = order
    logFile = log
    let descriptor = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    let errors = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.standardError = errors
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    var environment = ProcessInfo.processInfo.environment
    if let count = order.processors.flatMap(Processors.init(text:))?.count {
      // PoCL counts the machine's processors, not those of the mask.
      environment["POCL_MAX_PTHREAD_COUNT"] = "\(count)"
      environment["POCL_CPU_MAX_CU_COUNT"] = "\(count)"
    }
    process.environment = environment
    try process.run()
    let reader = Thread { [self] in read() }
    reader.stackSize = 1 << 19
    reader.start()
  }

  var isRunning: Bool { process.isRunning }
  var identifier: Int32 { process.processIdentifier }
  var message: WorkerMessage? { last.withLock { $0 } }
  func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

  /// How it ended: its exit code, or the signal that killed it.
  enum End: Equatable {
    case code(Int32)
    case signal(Int32)
  }

  /// Once it runs no more.
  var end: End {
    process.terminationReason == .exit ? .code(process.terminationStatus) : .signal(process.terminationStatus)
  }

  var lastLine: String? { Sweep.lastLine(of: logFile) }

  private func read() {
    var buffer = Data()
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      // FileHandle's read waits until it has as many bytes as were asked for.
      let count = Foundation.read(pipe.fileHandleForReading.fileDescriptor, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      buffer += part[..<count]
      while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let message = try? JSONDecoder().decode(WorkerMessage.self, from: buffer[..<end])
        if let message { last.withLock { $0 = message } }
        buffer = Data(buffer[buffer.index(after: end)...])
      }
    }
  }
}
