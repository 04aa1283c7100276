import CPUDevice
import Foundation
import Records
import TestSupport
import Testing

@testable import Sweep

@Suite("Slurm")
struct SlurmTests {
  @Test(
    "spans of time are read as Slurm writes them",
    arguments: [("1-02:03:04", 93_784.0), ("02:03:04", 7384), ("3:04", 184), ("0:05", 5), ("2:00:00", 7200)])
  func spans(_ text: String, _ seconds: Double) { #expect(slurmSeconds(text) == seconds) }

  @Test("what is no span has none", arguments: ["UNLIMITED", "", "INVALID", "1-2-3", "1:2:3:4", "-1:00"])
  func noSpan(_ text: String) { #expect(slurmSeconds(text) == nil) }

  @Test("exactly the shards that lack a record are submitted, sized by the time limit")
  func submission() throws {
    try withFolder { url in
      let folder = SweepFolder(url.appendingPathComponent("a sweep"))
      let plan = try folder.freeze(tinyPlan(seeds: "1-5")).plan
      var options = SlurmSubmission.Options()
      options.timeLimit = "0:10"
      func submit() throws -> SlurmSubmission {
        try SlurmSubmission(folder, plan, options, secondsPerRun: 4, program: "/opt/causal gap")
      }
      let all = try submit()
      #expect((all.count, all.shards) == (5, [1, 2, 3, 4, 5]))
      #expect(all.script.contains("#SBATCH --array=1-5\n"))
      #expect(all.script.contains("#SBATCH --time=0:10\n"))
      #expect(
        all.script.contains(
          "exec '/opt/causal gap' sweep run '\(folder.url.path)' --shard \"$SLURM_ARRAY_TASK_ID/5\""))
      _ = try SweepWorker.workOnce(folder, plan, plan.runs.filter(try Shard("2/5").contains))
      #expect(try submit().shards == [1, 3, 4, 5])
      options.runsPerTask = 100
      #expect(try submit().count == 1)
      _ = try worker(folder, plan).work()
      let error = #expect(throws: SweepError.self) { try submit() }
      #expect(error?.description.contains("every run") == true)
      options.timeLimit = "soon"
      options.runsPerTask = nil
      #expect(throws: SweepError.self) { try submit() }
    }
  }

  @Test("a process is a task of a sweep only where 'sweep submit' has made it one")
  func task() {
    let array = ["SLURM_JOB_ID": "9", "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "3"]
    #expect(SlurmTask(array) == nil)
    let task = SlurmTask(array.merging(["CAUSALGAP_REQUEUES": "4"]) { $1 })
    #expect(task?.name == "7_3" && task?.mostRequeues == 4)
    #expect(SlurmTask(["SLURM_JOB_ID": "9", "CAUSALGAP_REQUEUES": "4"])?.name == "9")
  }
}

extension SweepWorker {
  fileprivate static func workOnce(_ folder: SweepFolder, _ plan: SweepPlan, _ runs: [SweepPlan.Run]) throws
    -> Outcome
  {
    try StudyFolder.create(folder.logs)
    return try SweepWorker(
      folder, plan, runs, on: CPUDevice(threads: 1), keeping: .models, failsFast: false, ensemble: .auto,
      log: "worker.log", supervisor: .init()
    ).work()
  }
}
