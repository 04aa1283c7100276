import ArgumentParser
import Errors
import Records
import Report
import Study

struct InteractionsCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "interactions",
    abstract:
      "Which components cover for others: every coalition of the strongest components of a study's models.",
    discussion: """
      Measures the models of a study that has rigorous records, by mean ablation: every coalition, and what all heroes or all bloats cost together, on as \
      many samples as the rigorous record has. Each measurement is kept beside the run's record (interactions.json). A measurement that exists is not made again, so the verb continues where it was stopped.
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "folder")) var folder: String
  @Option(
    help: "Pairs of sequences for the coalitions of each model, at least 20; 500, or as many as before.")
  var samples: Int?
  @Option(
    help: "The strongest components, 2 to 12, of which every coalition is measured; 10, or as many as before."
  )
  var players: Int?
  @OptionGroup(title: "Device") var device: DeviceFlags
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    if let samples, !(20...1_000_000).contains(samples) {
      throw UsageError("--samples must be from 20 to 1000000, not \(samples)")
    }
    if let players, !(2...12).contains(players) {
      throw UsageError("--players must be from 2 to 12, not \(players)")
    }
    let study = try InteractionStudy(
      StudyFolder(path(folder, "the study's folder")), samples: samples, players: players)
    let pending = try study.pending()
    if !pending.isEmpty { try measure(pending, study) }
    let records = try study.collect()
    let without = records.count { $0.classes == nil }
    if without > 0 {
      say(
        "\(without) of \(records.count) measurements are of an earlier version, without heroes and bloats; to measure them, delete their interactions.json"
      )
    }
    let found = try InteractionSummary.all(records)
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
