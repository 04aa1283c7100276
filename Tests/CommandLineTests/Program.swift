import Foundation
import Testing

/// The program as a user runs it: the binary that was built in the folder of this test bundle.
struct Program {
  struct Outcome {
    /// The exit code; 128 + n for a program that signal n ended, as in a shell.
    var code: Int32
    var output: String
    var error: String

    var errorLines: [Substring] { error.split(separator: "\n") }
    /// The error stream without the lines before the error.
    var complaints: [Substring] {
      errorLines.filter { line in !["device: ", "study: ", "note: "].contains { line.hasPrefix($0) } }
    }
  }

  static let binary = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("causalgap")

  /// Arguments for a small model, which trains a thousand steps a second.
  static let shape = [
    "--layers", "1", "--heads", "2", "--d-model", "16", "--d-ff", "32", "--batch-size", "8",
  ]
  static let tiny = shape + ["--max-steps", "40", "--device", "cpu"]
  static let oneRun = ["study", "--tasks", "sort", "--seeds", "1"] + tiny

  private let process = Process()
  private let output: URL
  private let error: URL

  /// Starts the program in `folder`.
  ///
  /// - Parameter launcher: the program that starts it, if one is needed.
  init(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:], launcher: [String] = []
  ) throws {
    let words = launcher + [Self.binary.path] + arguments
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let name = ".\(UUID().uuidString)"
    output = folder.appendingPathComponent(name + ".out")
    error = folder.appendingPathComponent(name + ".err")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.create(output)
    process.standardError = try Self.create(error)
    try process.run()
  }

  private static func create(_ url: URL) throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  /// Waits for the end of the program, and ends it after `seconds`.
  func wait(seconds: Double = 300) throws -> Outcome {
    let limit = Date().addingTimeInterval(seconds)
    while process.isRunning, Date() < limit { usleep(5_000) }
    if process.isRunning {
      Issue.record("still running after \(seconds) s: \(process.arguments ?? [])")
      send(SIGKILL)
    }
    process.waitUntilExit()
    defer { for file in [output, error] { try? FileManager.default.removeItem(at: file) } }
    return Outcome(
      code: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
      output: try String(contentsOf: output, encoding: .utf8),
      error: try String(contentsOf: error, encoding: .utf8))
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until the program has written `text` to the error stream.
  func waitFor(_ text: String) throws {
    for _ in 0..<6_000 {
      if try String(contentsOf: error, encoding: .utf8).contains(text) { return }
      try #require(process.isRunning, "it ended before it said '\(text)'")
      usleep(5_000)
    }
    Issue.record("it never said '\(text)'")
  }

  static func run(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:], launcher: [String] = []
  ) throws -> Outcome {
    try Program(arguments, in: folder, environment: environment, launcher: launcher).wait()
  }
}

/// Expects that the program fails with one line that contains `words`, and prints no result.
func expectRefusal(
  _ outcome: Program.Outcome, code: Int32, _ words: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.code == code, "\(outcome.error)", sourceLocation: sourceLocation)
  #expect(outcome.complaints.count == 1, "\(outcome.error)", sourceLocation: sourceLocation)
  #expect(outcome.complaints.last?.hasPrefix("causalgap: ") == true, sourceLocation: sourceLocation)
  #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
  for word in words {
    #expect(outcome.error.contains(word), "\(outcome.error)", sourceLocation: sourceLocation)
  }
}

/// Every file below a folder with its bytes, except the lock.
func contents(of folder: URL) throws -> [String: Data] {
  var files: [String: Data] = [:]
  for name in FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? [] {
    let file = folder.appendingPathComponent(name)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue,
      file.lastPathComponent != ".lock"
    else { continue }
    files[name] = try Data(contentsOf: file)
  }
  return files
}
