import ArgumentParser
import Devices
import Foundation
import Study
import Sweep

struct SweepPlanCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Freezes what a sweep computes, or extends it: every combination of the values given.",
    discussion: """
      Every option of the model and its training may have several values: --layers 2,4,8 --learning-rate 1e-3,3e-4. \
      A file may also have the sections exclude and include, lists of options and values: exclude leaves out the runs \
      that have all values of an entry; an entry of include is a grid of its own, which takes from the rest of the \
      file what it does not name. Planned again with more values, the plan is extended.
      """ + "\n\n"
        + examples(
          "causalgap sweep plan --protocol rigorous --layers 2,4,8 --seeds 1-100 \\",
          "    --output depths"))

  @OptionGroup(title: "Study") var study: SweepFlags
  @OptionGroup(title: "Model and training") var model: ModelFlags
  @Option(
    help: ArgumentHelp(
      "YAML file with the same options (underscores), or - for standard input; flags take precedence.",
      valueName: "file"))
  var config: String?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Leave out the runs with these values: layers=8,learning_rate=1e-3", valueName: "values"))
  var exclude: [String] = []
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Add the runs with these values: layers=12,d_model=768", valueName: "values"))
  var include: [String] = []
  @Option(help: "The sweep's folder.") var output: String
  @Flag(help: "Say what the sweep takes: runs, steps, time, memory, disk; write nothing.") var dryRun = false
  @Option(help: ArgumentHelp("Devices to estimate a dry run for, as for 'sweep run'.", valueName: "list"))
  var devices = "auto"
  @OptionGroup var memory: MemoryFlags
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = SweepFolder(try path(output, "--output"))
    let plan = try plan()
    if dryRun {
      let estimate = try SweepEstimate(
        plan, in: folder, on: deviceNames(devices), checkpointing: memory.checkpointing())
      if json { try printJSON(estimate) } else { print(estimate.text) }
      return
    }
    let (frozen, added) = try folder.freeze(plan)
    if added > 0 { EventLog(folder).add(.planned, detail: "\(added) runs, \(frozen.runCount) in all") }
    let listing = SweepListing(frozen, added: added)
    if json { try printJSON(listing) } else { print(listing.text(folder.url.path)) }
  }

  private func plan() throws -> SweepPlan {
    var grid = try SweepGrid(study.given + model.given)
    var (included, excluded): ([SweepGrid], [SweepGrid]) = ([], [])
    if let config {
      if config != "-" { _ = try path(config, "--config") }
      let file = try OptionsDocument(path: config, sections: ["include", "exclude"])
      for note in file.notes { say("note: \(note)") }
      grid = grid.merged(over: try SweepGrid(file.given))
      included = try (file.sections["include"] ?? []).map(SweepGrid.init)
      excluded = try (file.sections["exclude"] ?? []).map(SweepGrid.init)
    }
    included += try include.map { try SweepGrid(Self.values($0, "--include")) }
    excluded += try exclude.map { try SweepGrid(Self.values($0, "--exclude")) }
    let plan = try SweepPlan(grid, including: included, excluding: excluded)
    for note in grid.notes { say("note: \(note)") }
    return plan
  }

  /// `layers=8,learning_rate=1e-3`
  private static func values(_ text: String, _ flag: String) throws -> [GivenOption] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2 else {
        throw UsageError("\(flag) must be option=value[,option=value…], not '\(text)'")
      }
      let name = sides[0].replacing("-", with: "_")
      guard let option = StudyOption.all.first(where: { $0.name == name }) else {
        throw UsageError("\(flag): there is no option '\(sides[0])'")
      }
      return GivenOption(flag: option, String(sides[1]))
    }
  }
}

/// What a sweep consists of, but for the model.
struct SweepFlags: OptionFlags {
  @Flag(.quick) var quick
  @Flag(.reduced) var reduced
  @Flag(.rigorousMeasures) var rigorousMeasures
  @Option(.tasks) var tasks
  @Option(.seeds) var seeds
  @Option(.seedCount) var seedCount
  @Option(.protocolName) var `protocol`
}

/// What `--devices` names.
func deviceNames(_ text: String) throws -> [String] {
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  guard !names.contains("") else {
    throw UsageError(
      "--devices has an empty name in '\(text)'; use all, auto, or names of 'causalgap devices'")
  }
  for name in names where name != "all" { _ = try DeviceSelection(name) }
  return names
}
