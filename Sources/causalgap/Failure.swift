import ArgumentParser
import Errors
import Foundation
import Records

/// How the program ends after an error: with one line and an exit code.
struct Failure {
  let error: any Error

  init(_ error: any Error) { self.error = error }

  func end() -> Never {
    // Requests for help and for the version are thrown too, but are not failures.
    let parsing = CausalGap.exitCode(for: error)
    if parsing.isSuccess {
      print(CausalGap.fullMessage(for: error))
      exit(ProgramExit.done.rawValue)
    }
    if parsing == .validationFailure {
      say(CausalGap.fullMessage(for: error))
      exit(ProgramExit.usage.rawValue)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    say("causalgap: \(oneLine)")
    let exit = (error as? any ExitCoded)?.exitCode ?? .failed
    Foundation.exit(exit.rawValue)
  }

  private var oneLine: String {
    let text = (error as? CocoaError).map { "\($0.localizedDescription)" } ?? "\(error)"
    return text.split(separator: "\n").joined(separator: " ")
  }
}

/// The user's request is invalid.
struct UsageError: ExitCoded, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  var exitCode: ProgramExit { .usage }
}

func printJSON(_ value: some Encodable) throws {
  print(String(decoding: try RecordCoding.encode(value), as: UTF8.self), terminator: "")
}
