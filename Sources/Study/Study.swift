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
    for plan in plans { try plan.validate() }
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
    let model = try trainedModel(plan, in: place)
    var record = try Analysis(plan, on: device, supervisor: supervisor).analyse(model)
    if plan.studyProtocol.includesTable6, plan.task.name == Task.sort.name {
      let experiment = place.appendingPathComponent("table6")
      try FileManager.default.createDirectory(at: experiment, withIntermediateDirectories: true)
      var timings = Timings()
      record.table6 = try timings.measure("table6") {
        try BloatPruning(plan: plan, device: device, supervisor: supervisor).run(in: experiment)
      }
      record.timings.merge(timings.seconds) { $1 }
    }
    record.timings["training"] = model.training?.seconds
    try record.write(to: folder.record(task: plan.task.name, seed: plan.seed))
    supervisor.report(.runFinished(record))
  }

  /// Trained now, or before an interruption.
  private func trainedModel(_ plan: RunPlan, in place: URL) throws -> TrainedModel {
    let checkpoint = folder.checkpoint(task: plan.task.name, seed: plan.seed)
    let description = place.appendingPathComponent("train.json")
    if [checkpoint, description].allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) {
      return try TrainedModel(checkpointAt: checkpoint, plan: plan)
    }
    let model = try Trainer(plan, on: device, supervisor: supervisor).train(in: place)
    try model.write(to: place, plan: plan)
    return model
  }

  private func refuseOtherConfigurations() throws {
    guard let plan = plans.first else { return }
    for record in try folder.readRecords() {
      let wanted = plan.recordConfiguration
      guard record.protocolName == plan.studyProtocol.name, record.configuration == wanted else {
        throw StudyError.differentConfiguration(
          folder: folder.url.path,
          detail: record.protocolName == plan.studyProtocol.name
            ? "\(record.task), seed \(record.seed) has other settings" : "protocol \(record.protocolName)")
      }
    }
  }
}
