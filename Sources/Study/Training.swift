import Compute
import Foundation

/// One model to be trained: what it is, when its training is over, and where what it leaves goes.
package struct Training: Sendable {
  /// When training is over before its last step.
  package struct Stopping: Sendable {
    /// N of the samples accuracy is measured on.
    package var lengths: ClosedRange<Int>
    package var accuracy: Double
  }

  package let plan: RunPlan
  /// Receives `train.csv` and a snapshot to continue from, and the model where it is kept. It must be there.
  package let folder: URL
  let stopping: Stopping
  let name: RunName
  /// Whether the model goes to the folder, and the snapshot away; else the snapshot stays until `removeSnapshot`: a
  /// run killed before it has kept what came of this training then need not train again.
  let keepsModel: Bool

  /// A run's main training.
  package init(_ plan: RunPlan, in folder: URL) {
    self.init(
      plan, in: folder,
      stopping: Stopping(
        lengths: plan.studyProtocol.trainingLengths, accuracy: plan.studyProtocol.convergedAccuracy),
      experiment: nil, keepsModel: true)
  }

  init(_ plan: RunPlan, in folder: URL, stopping: Stopping, experiment: String?, keepsModel: Bool) {
    self.plan = plan.training
    self.folder = folder
    self.stopping = stopping
    self.keepsModel = keepsModel
    name = RunName(task: plan.task.name, seed: plan.seed, experiment: experiment)
  }

  /// Whether both can train in one ensemble: of one shape, with one rate.
  func isCompatible(with other: Training) -> Bool {
    plan.model == other.plan.model && plan.learningRate == other.plan.learningRate
  }

  /// The model that an earlier training left here: `model.safetensors`, `train.json`.
  ///
  /// - Returns: Nil where none is kept.
  /// - Throws: `StudyError.differentConfiguration` where the folder's model is another's, or what damage throws.
  func keptModel(on device: any Device) throws -> TrainedModel? {
    guard keepsModel else { return nil }
    let checkpoint = folder.appendingPathComponent("model.safetensors")
    let isThere = FileManager.default.fileExists(atPath: checkpoint.path)
    let description = try TrainingDescription.read(in: folder)
    try description?.origin.require(RunOrigin(plan, on: device), in: folder.path)
    if description == nil, isThere {
      throw StudyError.differentConfiguration(
        folder: folder.path, detail: "its model.safetensors has no train.json beside it")
    }
    return isThere ? try TrainedModel(checkpointAt: checkpoint, plan: plan) : nil
  }

  /// For when the model is there, or what came of it is kept.
  func removeSnapshot(on device: any Device) {
    TrainingSnapshot(folder: folder, plan: plan, device: device).remove()
  }
}
