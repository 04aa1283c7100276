import Compute
import Foundation
import Records
import Safetensors
import Transformer

/// One model to be trained: its plan, and where its files go.
package struct Training: Sendable {
  package let plan: TrainingPlan
  /// Receives `train.csv`, a snapshot to continue from, and the model if it is kept. The folder must exist.
  package let folder: URL
  let name: RunName
  /// Whether the model is written to the folder and the snapshot then removed. Otherwise the snapshot stays
  /// until `removeSnapshot`, so that a run that is killed before its result is recorded need not train again.
  let keepsModel: Bool

  /// The main training of a run.
  package init(_ plan: RunPlan, in folder: URL) { self.init(plan.training, in: folder) }

  /// - Parameter experiment: the experiment that the training is for, if it is not the main study.
  init(_ plan: TrainingPlan, in folder: URL, experiment: String? = nil, keepsModel: Bool = true) {
    self.plan = plan
    self.folder = folder
    self.keepsModel = keepsModel
    name = RunName(task: plan.source.name, seed: plan.seed, experiment: experiment)
  }

  /// Whether both can train in one ensemble: they have the same shape and precision of activations, and at every
  /// step the same settings of the optimiser.
  func isCompatible(with other: Training) -> Bool {
    plan.model == other.plan.model && plan.optimiser == other.plan.optimiser
      && plan.activations == other.plan.activations
  }

  /// The model that an earlier training left in the folder: `model.safetensors`, `train.json`.
  ///
  /// - Returns: nil if there is none.
  /// - Throws: `StudyError.differentConfiguration` if the folder's model has another origin;
  ///   `StudyError.damagedState`; `StudyError.otherModel`.
  func keptModel(on device: any Device) throws -> TrainedModel? {
    guard keepsModel else { return nil }
    let checkpoint = folder.appendingPathComponent("model.safetensors")
    let isThere = try FileKind.of(checkpoint) != nil
    let description = try TrainingDescription.read(in: folder)
    try description?.origin.require(RunOrigin(plan, on: device), in: folder.path)
    guard isThere else { return nil }
    guard let description else {
      throw StudyError.damagedState(
        file: checkpoint.path, detail: "there is no train.json beside it, which says where it comes from",
        delete: [checkpoint.path])
    }
    do {
      let model = try Checkpoint(contentsOf: checkpoint)
      guard description.describes(model) else {
        throw StudyError.otherModel(
          file: checkpoint.path, description: TrainingDescription.file(in: folder).path,
          otherwise: "delete \(checkpoint.path) to train it again")
      }
      return TrainedModel(model, description, plan: plan)
    } catch let error where error is ModelError || error is SafetensorsError {
      throw StudyError.damagedState(checkpoint.path, error)
    }
  }

  /// Removes the snapshot, once the model is written or its result is recorded.
  func removeSnapshot(on device: any Device) {
    TrainingSnapshot(folder: folder, plan: plan, device: device).remove()
  }
}
