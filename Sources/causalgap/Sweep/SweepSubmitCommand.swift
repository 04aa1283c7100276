import ArgumentParser
import Foundation
import Study
import Sweep

struct SweepSubmitCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Submits what the sweep's folder lacks to Slurm, as a job array.",
    discussion: """
      A task that is preempted or runs out of time keeps its work and goes back into the queue. Where preempted tasks \
      are cancelled, submit again: what is done, queued or running is not submitted twice. Options of sbatch follow \
      behind two hyphens: -- --partition gpu --gres gpu:1. The folder must be seen by all nodes under the same path.
      """ + "\n\n"
        + examples(
          "causalgap sweep submit depths --time-limit 4:00:00 --seconds-per-run 200 \\",
          "    -- --partition gpu --gres gpu:1"))

  @Argument(help: "The sweep's folder.") var folder: String
  @Option(
    help: ArgumentHelp(
      "Runs that a task computes (default: what fits into 80 % of the time limit).", valueName: "n"))
  var runsPerTask: Int?
  @Option(help: ArgumentHelp("The time limit of a task: 2:00:00.", valueName: "time")) var timeLimit: String?
  @Option(
    help: ArgumentHelp(
      "How long a run takes on a node (default: measured in the folder).", valueName: "seconds"))
  var secondsPerRun: Double?
  @Option(help: ArgumentHelp("Devices of a task, as for 'sweep run'.", valueName: "list")) var devices =
    "auto"
  @Option(.ensemble) var ensemble
  @OptionGroup var memory: MemoryFlags
  @Option(help: "What runs leave on the disk beside their records: models, or none.") var keep = "models"
  @Option(
    help: ArgumentHelp("How often a task that runs out of time may go back into the queue.", valueName: "n"))
  var requeues = 50
  @Flag(help: "Print the script, and submit nothing.") var dryRun = false
  @Argument(parsing: .postTerminator, help: ArgumentHelp("Options of sbatch.", valueName: "sbatch's options"))
  var sbatch: [String] = []
  @OptionGroup(title: "Messages") var messages: MessageFlags

  mutating func run() throws {
    let folder = SweepFolder(try path(folder, "the sweep's folder"))
    let plan = try folder.readPlan()
    var options = SlurmSubmission.Options()
    if let runsPerTask, runsPerTask < 1 { throw UsageError("--runs-per-task must be at least 1") }
    if let secondsPerRun, !(secondsPerRun > 0) { throw UsageError("--seconds-per-run must be positive") }
    if requeues < 0 { throw UsageError("--requeues must be 0 or more") }
    _ = try deviceNames(devices)
    guard let kept = Kept(rawValue: keep) else {
      throw UsageError("--keep must be models or none, not '\(keep)'")
    }
    _ = try StudyOptions([ensemble.map { GivenOption(flag: .ensemble, $0) }].compactMap(\.self))
    (options.runsPerTask, options.timeLimit, options.devices) = (runsPerTask, timeLimit, devices)
    (options.ensemble, options.keep, options.requeues) = (ensemble, kept, requeues)
    options.checkpointing = try memory.checkpointing()
    options.sbatch = sbatch
    let submission = try SlurmSubmission(
      folder, plan, options, secondsPerRun: secondsPerRun ?? meanRunSeconds(folder),
      program: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path)
    for note in submission.notes { say("note: \(note)") }
    if dryRun {
      say("dry run; what submits it: \(submission.commandLine)")
      return print(submission.script, terminator: "")
    }
    let job = try submission.submit()
    print("job \(job): \(submission.shards.count) of \(submission.count) tasks submitted")
  }
}
