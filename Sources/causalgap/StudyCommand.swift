import ArgumentParser
import Compute
import Devices
import Errors
import Foundation
import Records
import Report
import Study
import Tasks

struct StudyCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Trains, scores and tabulates tasks and seeds; continues where it was stopped.",
    discussion: examples(
      "causalgap study --quick",
      "causalgap study --protocol rigorous --tasks sort,reverse --seeds 1-20",
      "causalgap study --config study.yaml --dry-run"))

  @OptionGroup(title: "Study") var study: StudyFlags
  @OptionGroup(title: "Model and training") var model: ModelFlags
  @OptionGroup(title: "Device") var device: DeviceFlags
  @OptionGroup(title: "Device") var memory: MemoryFlags
  @Option(
    help: ArgumentHelp(
      "YAML file with the same options (underscores), or - for standard input; flags take precedence.",
      valueName: "file"))
  var config: String?
  @Flag(help: "Print the options as they will be used, and how many runs they make; do nothing.")
  var dryRun = false
  @OptionGroup(title: "Output") var detail: ReportDetail
  @Flag(help: "Print the summary, or the options of a dry run, as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let options = try options()
    let plans = try options.plans()
    for note in options.notes { say("note: \(note)") }
    if dryRun { return try show(options) }
    _ = try StudyFolder.exists(path(options.folder.relativePath, StudyOption.output.flag))
    if options.maxSteps == 0 { say("note: \(StudyOption.maxSteps.flag) 0: the models are not trained") }
    Interruption.listen()
    let folder = StudyFolder(options.folder)
    let device = try resolveDevice(options, folder)
    let page = LivePage(folder)
    let display = ProgressDisplay(StudyProgress(plans, in: folder))
    let study = try Study(
      plans, on: device, in: folder.url, ensemble: options.ensembleSize,
      supervisor: page.supervisor(display.supervisor))
    say("study: \(counted(plans.count, "run")) in \(folder.url.path) on \(device.description.selector)")
    do {
      try StudyReporting(folder).print(of: study.run(), detail, json: json)
    } catch StudyError.failed(let runs) {
      let records = try folder.readRecords()
      if !records.isEmpty { try StudyReporting(folder).print(of: records, detail, json: json) }
      throw StudyError.failed(runs)
    } catch {
      page.stop()
      throw error
    }
  }

  /// The options in use; flags override the file.
  private func options() throws -> StudyOptions {
    let flags = try StudyOptions(study.given + model.given + device.given + memory.given)
    guard let config else { return flags }
    if config != "-" { _ = try path(config, "--config") }
    let file = try OptionsFile(path: config)
    for note in file.notes { say("note: \(note)") }
    return flags.merged(over: file.options)
  }

  private func show(_ options: StudyOptions) throws {
    _ = try DeviceSelection(options.word(.device) ?? "")
    if json { try printJSON(options.used()) } else { print(try options.dryRun()) }
  }

  /// All runs of a folder use one device, so `auto` picks again the device of its first run.
  private func resolveDevice(_ options: StudyOptions, _ folder: StudyFolder) throws -> any Device {
    if try DeviceSelection(options.word(.device) ?? "") == .auto,
      try FileKind.of(folder.runs) != nil,
      let used = try folder.readRecords().first?.device.selector
    {
      return try DeviceFlags.make(DeviceSelection(used), threads: options.whole(.threads))
    }
    return try DeviceFlags.make(options)
  }
}
