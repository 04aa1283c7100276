import ArgumentParser
import Foundation

struct CausalGap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "causalgap",
    abstract:
      "Trains many small transformers and measures how far gradient importance is from causal importance.",
    version: "causalgap \(programVersion)",
    subcommands: [
      StudyCommand.self, TrainCommand.self, AnalyzeCommand.self, InspectCommand.self, ValidateCommand.self,
      BenchCommand.self, DevicesCommand.self, TuneCommand.self, ReportCommand.self,
      DecomposeCommand.self,
    ])
}

/// A shell can start us without one of the three; the next file opened would take its place, and our progress lines.
private func occupyStandardStreams() {
  for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) == -1 {
    _ = open("/dev/null", O_RDWR)
  }
}

private struct OutputError: Error, CustomStringConvertible {
  let reason: String

  var description: String { "can't write the output: \(reason.lowercased())" }
}

@main
enum Main {
  /// Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
  static func main() {
    occupyStandardStreams()
    do {
      var command = try CausalGap.parseAsRoot()
      try command.run()
      guard fflush(nil) == 0 else {
        throw OutputError(reason: String(cString: strerror(errno)))
      }
    } catch {
      Failure(error).end()
    }
  }
}
