import ArgumentParser
import Errors
import Foundation
import Study

struct CausalGap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "causalgap",
    abstract:
      "Trains many small transformers and measures how far gradient importance is from causal importance.",
    version: "causalgap \(Version.program)",
    subcommands: [
      StudyCommand.self, TrainCommand.self, AnalyzeCommand.self, InspectCommand.self, ValidateCommand.self,
      BenchCommand.self, DevicesCommand.self, TuneCommand.self, ReportCommand.self,
      DecomposeCommand.self, SweepCommand.self, TryDeviceCommand.self,
    ])
}

/// A shell can start the program without one of the three standard streams. The next file opened would then
/// take its place and receive our progress lines.
private func occupyStandardStreams() {
  for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
    _ = open("/dev/null", O_RDWR)
  }
}

private struct OutputError: Error, CustomStringConvertible {
  let reason: String

  var description: String { "can't write the output: \(reason.lowercased())" }
}

/// Refuses `help` with an unknown command. Otherwise `help sweep` would print the help of the whole program
/// without a complaint.
private func refuseUnknownHelp(_ words: [String]) throws {
  let verbs = CausalGap.configuration.subcommands.compactMap { command in
    command.configuration.shouldDisplay ? command.configuration.commandName : nil
  }
  guard words.first == "help", words.count > 1, !verbs.contains(words[1]), !words[1].hasPrefix("-") else {
    return
  }
  throw UsageError(
    "there is no verb '\(words[1])'\(suggestionText(for: words[1], among: verbs)); the verbs are "
      + verbs.joined(separator: ", "))
}

@main
enum Main {
  /// Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
  static func main() {
    occupyStandardStreams()
    Interruption.ignoreFatalWrites()
    do {
      try requireUTF8Arguments()
      try refuseUnknownHelp(Array(CommandLine.arguments.dropFirst()))
      var command = try CausalGap.parseAsRoot()
      try command.run()
      // A reader that has gone, such as `head` after ten lines, has all that it wanted.
      guard fflush(nil) == 0 || errno == EPIPE else {
        throw OutputError(reason: String(cString: strerror(errno)))
      }
    } catch {
      Failure(error).end()
    }
  }
}
