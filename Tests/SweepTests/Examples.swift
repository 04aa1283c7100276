import CPUDevice
import Foundation
import Records
import Study
import Testing

@testable import Sweep

/// Flags as a user gives them: `("layers", "1,2")`.
func grid(_ flags: (String, String)...) throws -> SweepGrid {
  try SweepGrid(
    flags.map { name, text in
      GivenOption(flag: try #require(StudyOption.all.first { $0.name == name }), text)
    })
}

/// A sweep of tiny models: two tasks, `seeds`, and the flags.
func tinyPlan(seeds: String = "1-2", steps: String = "30", _ flags: (String, String)...) throws -> SweepPlan {
  let base = try grid(
    ("tasks", "reverse,copy"), ("seeds", seeds), ("layers", "1"), ("heads", "2"), ("d_model", "16"),
    ("d_ff", "32"), ("batch_size", "4"), ("max_steps", steps), ("protocol", "paper"))
  let own = try SweepGrid(
    flags.map { name, text in
      GivenOption(flag: try #require(StudyOption.all.first { $0.name == name }), text)
    })
  return try SweepPlan(own.merged(over: base))
}

/// A worker on one thread.
func worker(
  _ folder: SweepFolder, _ plan: SweepPlan, keeping kept: Kept = .models, failsFast: Bool = false,
  ensemble: EnsembleSize = .auto, supervisor: Supervisor = Supervisor()
) throws -> SweepWorker {
  try StudyFolder.create(folder.logs)
  return SweepWorker(
    folder, plan, plan.runs, on: try CPUDevice(threads: 1), keeping: kept, failsFast: failsFast,
    ensemble: ensemble, log: "worker.log", supervisor: supervisor)
}

/// Every record of a sweep by the name of its run, without timings.
func records(_ folder: SweepFolder, _ plan: SweepPlan) throws -> [String: RunRecord] {
  var records: [String: RunRecord] = [:]
  for run in plan.runs {
    let study = folder.study(of: run, in: plan)
    records[run.description] = try study.readRecord(task: run.task, seed: run.seed)?.withoutTimings
  }
  return records
}

/// The folder of a run.
func place(_ run: SweepPlan.Run, _ folder: SweepFolder, _ plan: SweepPlan) -> URL {
  folder.study(of: run, in: plan).run(task: run.task, seed: run.seed)
}

func events(_ folder: SweepFolder) throws -> [SweepEvent] {
  try Data(contentsOf: folder.events).split(separator: UInt8(ascii: "\n")).map {
    try JSONDecoder().decode(SweepEvent.self, from: $0)
  }
}
