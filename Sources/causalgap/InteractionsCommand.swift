import ArgumentParser
import Errors
import Records
import Report
import Study

struct InteractionsCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "interactions",
    abstract:
      "Which components cover for others: every coalition of a model's strongest components, over a study's seeds.",
    discussion: """
      Measures the models of a study that has rigorous records, by mean ablation, and keeps each measurement beside the run's record \
      (interactions.json). A measurement that is there is not made again, so the verb goes on where it was stopped.
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "folder")) var folder: String
  @Option(help: "Pairs of sequences for each model, from 20.") var samples = 500
  @Option(help: "The strongest components, 2 to 12: all of their 2^players coalitions are measured.")
  var players =
    10
  @OptionGroup(title: "Device") var device: DeviceFlags
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    guard (20...1_000_000).contains(samples) else {
      throw UsageError("--samples must be from 20 to 1000000, not \(samples)")
    }
    guard (2...12).contains(players) else {
      throw UsageError("--players must be from 2 to 12, not \(players)")
    }
    let study = try InteractionStudy(
      StudyFolder(path(folder, "the study's folder")), counts: .init(samples: samples, players: players))
    let pending = try study.pending()
    if !pending.isEmpty { try measure(pending, study) }
    let found = try InteractionSummary.all(study.collect())
    if json { return try printJSON(found) }
    print(found.flatMap(\.tables).text, terminator: "")
  }

  private func measure(_ runs: [RunRecord], _ study: InteractionStudy) throws {
    Interruption.listen()
    let device = try device.make()
    let lock = try study.folder.lock()
    try withExtendedLifetime(lock) {
      var done = 0
      try study.measure(runs, on: device, supervisor: ProgressDisplay().supervisor) { record in
        done += 1
        say(
          "\(record.task), seed \(record.seed): measured in \(Int(record.seconds.rounded())) s (\(done) of \(runs.count))"
        )
      }
    }
  }
}
