import Compute
import Errors
import Foundation
import Transformer

/// Trains one model according to its plan, measuring accuracy at fixed steps. It is an ensemble of one.
package struct Trainer {
  package let plan: TrainingPlan
  package let device: any Device
  package let supervisor: Supervisor

  package init(_ plan: any PlannedTraining, on device: any Device, supervisor: Supervisor = Supervisor()) {
    self.init(plan.training, on: device, supervisor: supervisor)
  }

  package init(_ plan: TrainingPlan, on device: any Device, supervisor: Supervisor = Supervisor()) {
    self.plan = plan
    self.device = device
    self.supervisor = supervisor
  }

  /// The model of a folder, trained now unless it was trained before: `model.safetensors`, `train.json`,
  /// `train.csv`.
  ///
  /// - Throws: `StudyError.interrupted`, after a snapshot is written; `ModelError.diverged`;
  ///   `StudyError.differentConfiguration` if the folder's model has another origin.
  package func model(in folder: URL) throws -> TrainedModel {
    var trainer = EnsembleTrainer(device: device, supervisor: supervisor, size: 1)
    if let note = try plan.checkpointingNote(on: device) { supervisor.report(.note(note)) }
    var outcome: Result<TrainedModel, ModelError>?
    try trainer.train([Training(plan, in: folder)]) { outcome = $1 }
    guard let outcome else { throw InternalError("nothing was trained") }
    return try outcome.get()
  }
}
