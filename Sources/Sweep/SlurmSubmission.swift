import AtomicFile
import Errors
import Foundation
import Records
import Study

/// What a sweep's folder lacks, as a job array for Slurm: each task computes a shard of the plan.
package struct SlurmSubmission {
  package struct Options: Sendable {
    /// Runs that one task computes; nil to size tasks by the time limit.
    package var runsPerTask: Int?
    /// As Slurm writes it: `2:00:00`.
    package var timeLimit: String?
    /// What the tasks compute on, as for `sweep run`.
    package var devices = "auto"
    package var ensemble: String?
    package var checkpointing = ActivationCheckpointing.auto
    package var keep = Kept.models
    /// How often a task may put itself back into the queue.
    package var requeues = 50
    /// Further options of `sbatch`.
    package var sbatch: [String] = []

    package init() {}
  }

  package let script: String
  /// The shards submitted, from 1.
  package let shards: [Int]
  /// The number of shards of the plan.
  package let count: Int
  package let notes: [String]
  private let folder: SweepFolder
  private let options: Options

  /// - Parameters:
  ///   - secondsPerRun: how long a run takes here, for the size of tasks.
  ///   - program: the path of this program on the cluster's nodes.
  /// - Throws: `SweepError.impossible` for a time limit that is none, or where nothing is left to submit.
  package init(
    _ folder: SweepFolder, _ plan: SweepPlan, _ options: Options, secondsPerRun: Double?, program: String
  ) throws {
    self.folder = folder
    self.options = options
    let runs = plan.runs
    let size = try Self.runsPerTask(options, secondsPerRun)
    count = max(1, (runs.count + size - 1) / size)
    let reports = try SweepScan(folder, plan).reports(runs)
    let open = Dictionary(uniqueKeysWithValues: reports.map { ($0.run, $0.status) })
    let queue = SlurmQueue(folder)
    var wanted = Set<Int>()
    for run in runs {
      guard let status = open[run.description], status != .failed else { continue }
      wanted.insert(run.number % count + 1)
    }
    let busy = queue.shards(of: count)
    let queued = wanted.intersection(busy).count
    shards = wanted.subtracting(busy).sorted()
    var notes: [String] = []
    if queued > 0 { notes.append("\(counted(queued, "task")) in the queue or running: not submitted again") }
    if queue.hasOthers(than: count) {
      notes.append(
        "tasks of another division of the plan are in the queue: no run is computed twice, but some "
          + "tasks will find nothing to do")
    }
    let failed = reports.count { $0.status == .failed }
    if failed > 0 {
      notes.append(
        "\(counted(failed, "run")) failed: not tried again; 'causalgap sweep run \(folder.url.path) "
          + "--retry failed' does")
    }
    if let limit = options.timeLimit.flatMap(slurmSeconds), let secondsPerRun, secondsPerRun > limit {
      notes.append(
        "a run takes about \(Int(secondsPerRun)) s, longer than the time limit: each task will go back into the queue "
          + "in the middle of it, \(options.requeues) times at most")
    }
    self.notes = notes
    guard !shards.isEmpty else {
      throw SweepError.impossible(
        reports.isEmpty
          ? "every run of \(folder.url.path) is done; nothing to submit"
          : "nothing to submit: \(notes.joined(separator: "; "))")
    }
    script = Self.script(folder, options, shards, count, program)
  }

  private static func runsPerTask(_ options: Options, _ secondsPerRun: Double?) throws -> Int {
    if let given = options.runsPerTask { return given }
    let ensemble = options.ensemble.flatMap { Int($0) } ?? 1
    guard let text = options.timeLimit else {
      // About an hour.
      return max(ensemble, secondsPerRun.map { Int(3600 / max($0, 1)) } ?? 1)
    }
    guard let limit = slurmSeconds(text) else {
      throw SweepError.impossible(
        "--time-limit must be as Slurm writes it, 2:00:00 or 1-00:00:00, not '\(text)'")
    }
    let fits = secondsPerRun.map { Int(0.8 * limit / max($0, 1)) } ?? 1
    return max(ensemble, fits / ensemble * ensemble, 1)
  }

  private static func script(
    _ folder: SweepFolder, _ options: Options, _ shards: [Int], _ count: Int, _ program: String
  ) -> String {
    let place = folder.url.standardizedFileURL.path
    // The shell puts the number of the task in.
    var run =
      [program, "sweep", "run", place, "--shard"].map(quoted) + ["\"$SLURM_ARRAY_TASK_ID/\(count)\""]
      + ["--no-wait", "--devices", options.devices, "--keep", options.keep.rawValue].map(quoted)
    if let ensemble = options.ensemble { run += ["--ensemble", quoted(ensemble)] }
    if options.checkpointing != .auto {
      run += ["--activation-checkpointing", options.checkpointing.rawValue]
    }
    let limit = options.timeLimit.map { "#SBATCH --time=\($0)\n" } ?? ""
    return """
      #!/bin/sh
      # Made by 'causalgap sweep submit'. Shards of \(count): \(shards.count).
      #SBATCH --job-name=\(SlurmQueue.jobName(folder))
      #SBATCH --array=\(SeedList(shards).text)
      #SBATCH --comment=\(count)
      #SBATCH --output="\(folder.submissions.standardizedFileURL.path)/%A_%a.log"
      #SBATCH --open-mode=append
      #SBATCH --requeue
      #SBATCH --signal=B:TERM@60
      \(limit)
      export CAUSALGAP_REQUEUES=\(options.requeues)
      # In the shell's place, so that signals reach the program.
      exec \(run.joined(separator: " "))

      """
  }

  private static func quoted(_ word: String) -> String {
    word.wholeMatch(of: /[A-Za-z0-9_.,:\/=+-]+/) != nil ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }

  private var file: URL { folder.submissions.appendingPathComponent("array.sh") }

  private var command: Command {
    var command = Command("sbatch", "--parsable")
    command.words += options.sbatch + [file.path]
    return command
  }

  /// The command that submits the script, for people.
  package var commandLine: String { command.words.map(Self.quoted).joined(separator: " ") }

  /// Hands the script to `sbatch`.
  ///
  /// - Returns: the number of the job.
  /// - Throws: `SweepError.incomplete` with what `sbatch` says where it refuses.
  package func submit() throws -> String {
    try StudyFolder.create(folder.submissions)
    try writeAtomically(Data(script.utf8), to: file)
    guard let outcome = command.run() else {
      throw SweepError.incomplete(
        "sbatch can't be run: without Slurm, 'causalgap sweep run \(folder.url.path) --shard I/N' is all that another "
          + "scheduler needs; the script is \(file.path)")
    }
    guard outcome.code == 0 else { throw SweepError.incomplete("sbatch refuses: \(outcome.complaint)") }
    let job =
      outcome.output.split(whereSeparator: { $0 == ";" || $0.isNewline }).first.map(String.init) ?? "?"
    EventLog(folder).add(.submitted, detail: "job \(job), \(shards.count) tasks")
    return job
  }
}
