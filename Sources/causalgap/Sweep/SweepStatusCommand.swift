import ArgumentParser
import Errors
import Foundation
import Sweep

struct SweepStatusCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How a sweep stands, from its folder; nobody need be running it.",
    discussion: examples(
      "causalgap sweep status depths"))

  @Argument(help: "The sweep's folder.") var folder: String
  @Flag(help: "List every run that is not done, with its cause.") var all = false
  @Flag(help: "Print as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = SweepFolder(try path(folder, "the sweep's folder"))
    let plan = try folder.readPlan()
    let runs = plan.runs
    let reports = try SweepScan(folder, plan).reports(runs)
    let progress = SweepProgress(runs: runs.count, reports: reports)
    if json {
      struct Listing: Encodable {
        var progress: SweepProgress
        var unfinished: [RunReport]?
        var queue: [SlurmQueue.Task]
      }
      return try printJSON(
        Listing(progress: progress, unfinished: all ? reports : nil, queue: SlurmQueue(folder).tasks))
    }
    print("\(counted(runs.count, "run")): \(progress.text)")
    let queue = SlurmQueue(folder).tasks
    if !queue.isEmpty {
      let states = Dictionary(grouping: queue, by: \.state).map { "\($0.value.count) \($0.key.lowercased())" }
      print("in Slurm's queue: \(states.sorted().joined(separator: ", "))")
    }
    for report in all ? reports : reports.filter({ $0.status != .pending }) {
      var line = "\(report.run): \(report.status.rawValue)"
      if let worker = report.worker { line += " (\(worker), \(report.device ?? "?"))" }
      if let cause = report.cause { line += ": \(cause)" }
      if let last = report.lastLine { line += "; last line: \(last)" }
      print(line)
    }
  }
}
