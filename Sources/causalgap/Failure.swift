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
      complain("causalgap: \(ParsingFailure(error, Array(CommandLine.arguments.dropFirst())).line)")
      exit(ProgramExit.usage.rawValue)
    }
    if let code = error as? ExitCode { exit(code.rawValue) }
    complain("causalgap: \(oneLine)")
    let exit = (error as? any ExitCoded)?.exitCode ?? .failed
    Foundation.exit(exit.rawValue)
  }

  private var oneLine: String {
    let text = (error as? CocoaError).map { "\($0.localizedDescription)" } ?? "\(error)"
    return text.split(separator: "\n").joined(separator: " ")
  }
}

/// A command line that the parser refuses.
private struct ParsingFailure {
  private let message: String
  /// The parser's message with the usage, which ends with the command whose help says more.
  private let whole: String
  private let words: [String]

  init(_ error: any Error, _ words: [String]) {
    message = CausalGap.message(for: error)
    whole = CausalGap.fullMessage(for: error)
    self.words = words
  }

  /// What is wrong and what to do, in one line.
  var line: String {
    let what = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    let start = what.prefix(1).lowercased() + what.dropFirst()
    let advice = joined.map { "did you mean \($0)?" } ?? "see '\(help) --help'"
    // The parser's own advice is a sentence that ends with a question mark.
    return what.hasSuffix("?") ? start : "\(start); \(advice)"
  }

  private var help: String {
    whole.firstMatch(of: /See '(causalgap[^']*) --help'/).map { String($0.1) } ?? "causalgap"
  }

  /// The list that a word was meant to belong to: `--tasks sort,reverse` for `--tasks sort reverse`.
  private var joined: String? {
    guard let word = message.firstMatch(of: /Unexpected argument '([^']*)'/)?.1,
      let place = words.firstIndex(of: String(word)), place >= 2, !words[place - 1].hasPrefix("-"),
      ["--tasks", "--seeds", "--devices", "--operations", "--layers"].contains(words[place - 2])
    else { return nil }
    return "\(words[place - 2]) \(words[place - 1]),\(word)"
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
