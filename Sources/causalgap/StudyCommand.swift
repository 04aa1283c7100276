import ArgumentParser
import Compute
import Devices
import Foundation
import Records
import Report
import Study
import Tasks

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Trains, scores and tabulates tasks and seeds; continues where it was stopped.")

  @Flag(help: "Seed 42, both tasks, at most 1500 steps: a look at everything that comes out.")
  var quick = false
  @Flag(help: "Of rigorous: fewer samples, scores and interventions, no pairs and lengths; for deep models.")
  var reduced = false
  @Option(help: "Tasks, separated by commas (default: reverse,sort): \(taskNames).") var tasks: String?
  @Option(help: "Seeds, separated by commas (default: the paper's ten).") var seeds: String?
  @Option(help: "The first so many seeds: the paper's ten, then multiples of 1010 from 7070.")
  var seedCount: Int?
  @Option(name: .customLong("protocol"), help: "published, paper or rigorous (default: published).")
  var protocolName: String?
  @OptionGroup var model: ModelOptions
  @Option(help: "\(DeviceSelection.names) (default: auto).") var device: String?
  @Option(
    help:
      "Models trained side by side, auto or a number (default: auto). It changes the time taken and nothing else."
  )
  var ensemble: String?
  @Option(help: "A YAML file with these options as keys; flags go before it.") var config: String?
  @Option(help: "The study's folder (default: results/PROTOCOL[-quick][-reduced][-DEVICE]).") var output:
    String?
  @Flag(help: "Print the summary as JSON.") var json = false

  mutating func run() throws {
    let settings = try StudySettings(self)
    Interruption.listen()
    let folder = StudyFolder(settings.output)
    let device = try resolveDevice(settings, folder)
    let study = try Study(
      settings.plans, on: device, in: settings.output, ensemble: settings.ensemble,
      supervisor: ProgressDisplay().supervisor)
    say("study: \(settings.plans.count) runs in \(settings.output.path) on \(device.description.selector)")
    do {
      try printSummary(of: study.run(), in: folder, json: json)
    } catch StudyError.failed(let runs) {
      let records = try folder.readRecords()
      if !records.isEmpty { try printSummary(of: records, in: folder, json: json) }
      throw StudyError.failed(runs)
    }
  }

  /// A folder's runs are all of one device: what `auto` picked first is used again.
  private func resolveDevice(_ settings: StudySettings, _ folder: StudyFolder) throws -> any Device {
    if try DeviceSelection(settings.device) == .auto,
      FileManager.default.fileExists(atPath: folder.runs.path),
      let used = try folder.readRecords().first?.device.selector
    {
      return try DeviceOptions.make(DeviceSelection(used))
    }
    return try DeviceOptions.parse(["--device", settings.device]).make()
  }
}

/// Writes what follows from the records, and prints the tables.
func printSummary(of records: [RunRecord], in folder: StudyFolder, json: Bool) throws {
  let summary = try Summary(records)
  try writeSummary(summary, of: records, in: folder)
  if json {
    try printJSON(summary)
  } else {
    print(try paperTables(summary, PaperTables.load()))
    if let rigorous = summary.rigorous { print(rigorousTables(rigorous)) }
  }
}

/// Writes `summary.json`, the tables and the figures.
func writeSummary(_ summary: Summary, of records: [RunRecord], in folder: StudyFolder) throws {
  try summary.write(to: folder.summary)
  try writeTables(summary, runs: records, paper: PaperTables.load(), to: folder.tables)
  if let rigorous = summary.rigorous {
    try writeRigorousTables(rigorous, to: folder.tables)
    try writeFigures(rigorous, to: folder.figures)
  }
}
