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
      DecomposeCommand.self, InteractionsCommand.self, PlanSizeCommand.self, SweepCommand.self,
      TryDeviceCommand.self,
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

/// Refuses an unknown verb, also behind `help`, which would print the help of the whole program without a complaint.
private func refuseUnknownVerb(_ words: [String]) throws {
  let asked = words.first == "help" ? words.dropFirst().first : words.first
  guard let asked, !asked.hasPrefix("-"), asked != "help" else { return }
  let commands = CausalGap.configuration.subcommands.map { $0.configuration }
  guard !commands.contains(where: { $0.commandName == asked }) else { return }
  let verbs = commands.filter { $0.shouldDisplay }.compactMap { $0.commandName }
  throw UsageError(unknownText("verb", asked.singleLine, among: verbs))
}

@main
enum Main {
  /// Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
  static func main() {
    occupyStandardStreams()
    Interruption.ignoreFatalWrites()
    do {
      try requireUTF8Arguments()
      try refuseUnknownVerb(Array(CommandLine.arguments.dropFirst()))
      var command = try CausalGap.parseAsRoot()
      try command.runWithMessages()
      // A reader that has gone, such as `head` after ten lines, has all that it wanted.
      guard fflush(nil) == 0 || errno == EPIPE else {
        throw OutputError(reason: String(cString: strerror(errno)))
      }
    } catch {
      Failure(error).end()
    }
  }
}
