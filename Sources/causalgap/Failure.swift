import ArgumentParser
import Compute
import Devices
import Foundation
import Importance
import OperationSuite
import Records
import Study
import Tasks
import Transformer

/// How a run of the program ends when something was thrown: one line, and an exit code.
struct Failure {
  let error: any Error

  init(_ error: any Error) { self.error = error }

  func end() -> Never {
    // Help and versions are thrown, too, and are no failures.
    let parsing = CausalGap.exitCode(for: error)
    if parsing.isSuccess {
      print(CausalGap.fullMessage(for: error))
      exit(0)
    }
    if parsing == .validationFailure {
      say(CausalGap.fullMessage(for: error))
      exit(2)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    say("causalgap: \(oneLine)")
    exit(code)
  }

  private var oneLine: String {
    let text = (error as? CocoaError).map { "\($0.localizedDescription)" } ?? "\(error)"
    return text.split(separator: "\n").joined(separator: " ")
  }

  private var code: Int32 {
    switch error {
    case StudyError.interrupted: 130
    case StudyError.unknownProtocol, StudyError.impossible, ModelError.configuration: 2
    case is UnknownTask, is ImportanceError, is DeviceSelectionError, is UsageError: 2
    case CaseFailure.unknownOperation: 2
    default: 1
    }
  }
}

/// Asked for something that makes no sense.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// A line for people: to the error stream, so that the output stays the result alone.
func say(_ line: String) { writeError(line + "\n") }

/// With no one listening any more, the run goes on.
func writeError(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

func printJSON(_ value: some Encodable) throws {
  print(String(decoding: try RecordCoding.encode(value), as: UTF8.self), terminator: "")
}
