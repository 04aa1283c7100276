import Compute
import Foundation
import Records

/// One run of a study: what is to be trained for it, and the record that follows.
struct StudyRun {
  let plan: RunPlan
  /// The main training, and the second one where the protocol has it.
  let trainings: [Training]
  private let recordFile: URL

  /// Makes the run's folders.
  init(_ plan: RunPlan, in folder: StudyFolder) throws {
    self.plan = plan
    let place = try folder.createRun(task: plan.task.name, seed: plan.seed)
    let second = BloatPruning.training(plan, in: place.appendingPathComponent("table6"))
    if let second { try StudyFolder.create(second.folder) }
    trainings = [Training(plan, in: place)] + (second.map { [$0] } ?? [])
    recordFile = folder.record(task: plan.task.name, seed: plan.seed)
  }

  /// Measures everything and writes the record.
  ///
  /// - Parameter models: one a training, in their order.
  /// - Throws: `StudyError.interrupted`, or what a device or a disk throws.
  func finish(_ models: [TrainedModel], on device: any Device, supervisor: Supervisor) throws {
    guard let model = models.first else { throw StudyError.impossible("a run without a model") }
    supervisor.report(.runStarted(task: plan.task.name, seed: plan.seed))
    var record = try Analysis(plan, on: device, supervisor: supervisor).analyse(model)
    for second in models.dropFirst() {
      var timings = Timings()
      timings.add(second.training?.seconds ?? 0, to: "table6")
      record.table6 = try timings.measure("table6") {
        try BloatPruning(plan: plan, device: device, supervisor: supervisor).run(second)
      }
      record.timings.merge(timings.seconds) { $1 }
    }
    record.timings["training"] = model.training?.seconds
    try record.write(to: recordFile)
    for training in trainings { training.removeSnapshot(on: device) }
    supervisor.report(.runFinished(record))
  }
}
