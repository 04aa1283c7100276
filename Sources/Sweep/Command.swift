import Foundation

/// A program of the system, run to its end.
struct Command {
  var words: [String]

  struct Outcome {
    var code: Int32
    var output: String
    var error: String

    /// One line of what it said.
    var complaint: String {
      let text = error.isEmpty ? output : error
      return text.split(whereSeparator: \.isNewline).map(String.init).last ?? "exit code \(code)"
    }
  }

  init(_ words: String...) { self.words = words }

  /// - Returns: nil where there is no such program, or it can't be started.
  func run() -> Outcome? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    guard (try? process.run()) != nil else { return nil }
    // Both are short: neither fills its pipe while the other is read.
    let text = [output, error].map {
      String(decoding: (try? $0.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    }
    process.waitUntilExit()
    // What `env` ends with where the program does not exist.
    guard process.terminationStatus != 127 else { return nil }
    return Outcome(code: process.terminationStatus, output: text[0], error: text[1])
  }
}
