import Compute
import Foundation
import Records
import Tasks
import Transformer

/// Runs of one configuration over tasks and seeds, in a folder of their own. Finished runs are skipped,
/// unfinished ones continue.
public struct Study {
  public let plans: [RunPlan]
  public let device: any Device
  public let folder: StudyFolder
  public let supervisor: Supervisor

  /// - Throws: `StudyError.impossible`, `ModelError.configuration`.
  public init(
    _ plans: [RunPlan], on device: any Device, in folder: URL, supervisor: Supervisor = Supervisor()
  ) throws {
    for plan in plans { try plan.validate(on: device) }
    self.plans = plans
    self.device = device
    self.folder = StudyFolder(folder)
    self.supervisor = supervisor
  }

  /// Every record of the folder once all plans are done, this study's and earlier ones of the same
  /// configuration.
  ///
  /// - Throws: `RecordError` for a folder in use, damaged or unwritable, `StudyError`, or what a device throws.
  public func run() throws -> [RunRecord] {
    try folder.create()
    let lock = try folder.lock()
    return try withExtendedLifetime(lock) {
      try refuseOtherConfigurations()
      for plan in plans {
        if try folder.readRecord(task: plan.task.name, seed: plan.seed) != nil {
          supervisor.report(.runSkipped(task: plan.task.name, seed: plan.seed))
        } else {
          try run(plan)
        }
      }
      return try folder.readRecords()
    }
  }

  private func run(_ plan: RunPlan) throws {
    supervisor.report(.runStarted(task: plan.task.name, seed: plan.seed))
    let place = try folder.createRun(task: plan.task.name, seed: plan.seed)
    let trainer = Trainer(plan, on: device, supervisor: supervisor)
    let model = try trainer.model(in: place)
    var record = try Analysis(plan, on: device, supervisor: supervisor).analyse(model)
    let experiment = place.appendingPathComponent("table6")
    if plan.studyProtocol.includesTable6, plan.task.name == Task.sort.name {
      try FileManager.default.createDirectory(at: experiment, withIntermediateDirectories: true)
      var timings = Timings()
      record.table6 = try timings.measure("table6") {
        try BloatPruning(plan: plan, device: device, supervisor: supervisor).run(in: experiment)
      }
      record.timings.merge(timings.seconds) { $1 }
    }
    record.timings["training"] = model.training?.seconds
    try record.write(to: folder.record(task: plan.task.name, seed: plan.seed))
    trainer.removeSnapshot(in: experiment)
    supervisor.report(.runFinished(record))
  }

  /// Runs differ in task and seed alone.
  private func refuseOtherConfigurations() throws {
    guard let plan = plans.first else { return }
    for record in try folder.readRecords() {
      var wanted = RunOrigin(plan, on: device)
      (wanted.task, wanted.seed) = (record.task, record.seed)
      try RunOrigin(record).require(wanted, in: folder.url.path)
    }
  }
}
