import ArgumentParser
import Errors
import Foundation
import Study
import Sweep

struct SweepRunCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Computes the runs of a sweep that have no record yet; continues where it was stopped.",
    discussion: """
      Each device works in a process of its own. On the CPU device, it is measured first how many workers with how \
      many threads are fastest. Ctrl-C, SIGTERM and SIGHUP stop every worker after its current step, with its work kept.
      """ + "\n\n"
        + examples(
          "causalgap sweep run depths --devices cpu,opencl:0:0"))

  @Argument(help: "The sweep's folder.") var folder: String
  @Option(
    help: ArgumentHelp("Devices, as 'causalgap devices' names them, or all, or auto.", valueName: "list"))
  var devices = "auto"
  @Option(help: ArgumentHelp("Only every Nth run, from the Ith on: 2/8.", valueName: "i/n")) var shard:
    String?
  @Option(.threads) var threads
  @Option(.ensemble) var ensemble
  @OptionGroup var memory: MemoryFlags
  @Option(help: "What runs leave on the disk beside their records: models, or none.") var keep = "models"
  @Option(
    help: ArgumentHelp(
      "Try runs again that are failed or lost, separated by commas.", valueName: "failed|lost"))
  var retry: String?
  @Flag(help: "Stop everything at the first run that fails.") var failFast = false
  @Flag(help: "End without waiting for runs that other processes work on.") var noWait = false
  @Option(
    help: ArgumentHelp(
      "Stop a worker every so often and start it again, as a scheduler might.", valueName: "seconds"))
  var simulatePreempt: Double?
  @Flag(help: "Print how the sweep stands in the end as JSON.") var json = false
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = SweepFolder(try path(folder, "the sweep's folder"))
    let plan = try folder.readPlan()
    let options = try options()
    explain(
      "sweep: \(counted(plan.runCount, "run")) in \(counted(plan.settings.count, "setting")); workers write to \(folder.logs.path)"
    )
    Interruption.listen()
    let display = SweepDisplay()
    let task = SlurmTask()
    let deadline = task.flatMap(Self.deadline)
    let runner = SweepRunner(
      folder, plan, options, say: { say($0) }, show: { display.show($0) },
      shouldStop: { Interruption.isRequested || deadline.map { ContinuousClock.now >= $0 } ?? false })
    let outcome = try runner.run()
    let end = outcome.progress
    if json {
      try printJSON(end)
    } else if !outcome.isInterrupted {
      print("\(counted(end.runs, "run")): \(end.text)")
    }
    if outcome.isInterrupted {
      task?.requeue(in: folder) { say($0) }
      throw SweepError.interrupted
    }
    for problem in end.problems.prefix(10) {
      complain("\(problem.run): \(problem.status.rawValue): \(problem.cause ?? "")")
    }
    guard end.count(.done) == end.runs else {
      throw SweepError.incomplete(
        "no record for \(end.runs - end.count(.done)) of \(counted(end.runs, "run")): \(end.text); "
          + (end.problems.isEmpty ? "the same command continues" : "--retry failed,lost tries them again"))
    }
  }

  /// When to stop so that everything is kept before Slurm ends the task: a tenth of the time before, a minute at least and
  /// ten at most.
  private static func deadline(_ task: SlurmTask) -> ContinuousClock.Instant? {
    task.secondsLeft().map { left in .now + .seconds(left - min(600, max(min(60, left / 2), left / 10))) }
  }

  private func options() throws -> SweepRunner.Options {
    var options = SweepRunner.Options()
    options.devices = try deviceNames(devices)
    if let shard { options.shard = try Shard(shard) }
    let given = try StudyOptions(
      [threads.map { GivenOption(flag: .threads, $0) }, ensemble.map { GivenOption(flag: .ensemble, $0) }]
        .compactMap(\.self))
    options.threads = given.whole(.threads)
    options.ensemble = given.word(.ensemble) ?? "auto"
    guard let kept = Kept(rawValue: keep) else {
      throw UsageError("--keep must be models or none, not '\(keep)'")
    }
    options.keep = kept
    options.checkpointing = try memory.checkpointing()
    options.failsFast = failFast
    options.waits = !noWait
    for name in retry.map({ $0.split(separator: ",", omittingEmptySubsequences: false) }) ?? [] {
      guard let status = RunStatus(rawValue: String(name)), [.failed, .lost].contains(status) else {
        throw UsageError("--retry must be failed, lost, or both, not '\(name)'")
      }
      options.retry.insert(status)
    }
    if let simulatePreempt {
      guard simulatePreempt > 0, simulatePreempt.isFinite else {
        throw UsageError("--simulate-preempt must be a positive number of seconds")
      }
      options.preemption = simulatePreempt
    }
    return options
  }
}
