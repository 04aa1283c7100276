import Foundation

/// This program again, as a separate process in interactive mode. Peak memory and the time from the start to
/// the first step are measured on it.
final class ServedProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread = Data()
  /// The time from the start of the process to its first line, which it writes after its warm-up.
  let secondsToReady: Double

  /// - Throws: `BenchmarkError.child` if it ends before it is ready.
  init(_ executable: URL, _ serving: Serving, device: String) throws {
    process.executableURL = executable
    process.arguments = [
      "bench", "--serve", "--workload", serving.workload.rawValue, "--device", device, "--ensemble",
      String(serving.ensemble),
    ]
    if let warmUp = serving.warmUp { process.arguments? += ["--warm-up", String(warmUp)] }
    process.standardInput = input
    process.standardOutput = output
    let start = Date()
    try process.run()
    var first: Data?
    do { first = try Self.line(from: output, &unread) } catch { process.terminate() }
    secondsToReady = Date().timeIntervalSince(start)
    guard let first, (try? JSONDecoder().decode(Serving.Ready.self, from: first)) != nil else {
      process.waitUntilExit()
      throw BenchmarkError.child("it ended before it was ready, with status \(process.terminationStatus)")
    }
  }

  func run(_ count: Int) throws -> Serving.Answer {
    try input.fileHandleForWriting.write(contentsOf: Data("run \(count)\n".utf8))
    let line = try Self.line(from: output, &unread)
    guard let line, let answer = try? JSONDecoder().decode(Serving.Answer.self, from: line) else {
      throw BenchmarkError.child("it did not answer a run")
    }
    return answer
  }

  func quit() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The next line without its newline; nil at the end of the output.
  private static func line(from pipe: Pipe, _ unread: inout Data) throws -> Data? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = unread[unread.startIndex..<end]
        unread = Data(unread[(end + 1)...])
        return Data(line)
      }
      let more = pipe.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      unread.append(more)
    }
  }
}

/// Why a benchmark could not be completed.
package enum BenchmarkError: Error, CustomStringConvertible {
  /// The separate process of this program, started to be measured, failed.
  case child(String)
  case notMeasurable(String)

  package var description: String {
    switch self {
    case .child(let reason): "the process started for memory and start-up: \(reason)"
    case .notMeasurable(let device): "device \(device) has no roof to measure; use cpu or opencl"
    }
  }
}
