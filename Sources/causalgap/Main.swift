import ArgumentParser
import Foundation

struct CausalGap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "causalgap",
    abstract: "Trains many small transformers and measures how far gradient importance is from causal importance.",
    version: "causalgap \(programVersion)",
    subcommands: [
      StudyCommand.self, TrainCommand.self, AnalyzeCommand.self, InspectCommand.self, ValidateCommand.self,
      DevicesCommand.self, ReportCommand.self,
    ])
}

@main
enum Main {
  /// Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
  static func main() {
    do {
      var command = try CausalGap.parseAsRoot()
      try command.run()
    } catch {
      Failure(error).end()
    }
  }
}
