import Compute
import Foundation
import Records
import Transformer

/// One run of a study: the trainings that it needs, and the record that follows.
struct StudyRun {
  let plan: RunPlan
  /// The main training, and the second training if the protocol has one.
  let trainings: [Training]
  private let folder: StudyFolder

  init(_ plan: RunPlan, in folder: StudyFolder) {
    self.plan = plan
    self.folder = folder
    let place = folder.run(task: plan.task.name, seed: plan.seed)
    let second = BloatPruning.training(plan, in: place.appendingPathComponent("table6"))
    trainings = [Training(plan, in: place)] + (second.map { [$0] } ?? [])
  }

  /// Makes the folders of the run.
  func prepare() throws {
    for training in trainings { try StudyFolder.create(training.folder) }
  }

  /// Measures everything and writes the record.
  ///
  /// - Parameter outcomes: one per training, in the same order.
  /// - Returns: the trainings that diverged; if there are any, nothing is measured.
  /// - Throws: `StudyError.interrupted`, or what a device or a disk throws.
  func finish(
    _ outcomes: [Result<TrainedModel, ModelError>], on device: any Device, supervisor: Supervisor
  ) throws -> [FailedRun] {
    var (models, failures): ([TrainedModel], [FailedRun]) = ([], [])
    for (training, outcome) in zip(trainings, outcomes) {
      switch outcome {
      case .success(let model): models.append(model)
      case .failure(let error): failures.append(FailedRun(name: training.name, reason: "\(error)"))
      }
    }
    guard failures.isEmpty, let model = models.first else { return failures }
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
    try record.write(to: folder.record(task: plan.task.name, seed: plan.seed))
    for training in trainings { training.removeSnapshot(on: device) }
    supervisor.report(.runFinished(record))
    return []
  }
}
