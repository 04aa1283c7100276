import Compute
import Foundation
import Transformer

/// Trains one model as its plan says, with a measurement of accuracy at fixed steps: an ensemble of one.
public struct Trainer {
  public let plan: RunPlan
  public let device: any Device
  public let supervisor: Supervisor

  public init(_ plan: RunPlan, on device: any Device, supervisor: Supervisor = Supervisor()) {
    self.plan = plan
    self.device = device
    self.supervisor = supervisor
  }

  /// The folder's model, trained now unless it was before: `model.safetensors`, `train.json`, `train.csv`.
  ///
  /// - Throws: `StudyError.interrupted` with a snapshot written; `ModelError.diverged`;
  ///   `StudyError.differentConfiguration` where the folder's model is another's.
  public func model(in folder: URL) throws -> TrainedModel {
    let trainer = EnsembleTrainer(device: device, supervisor: supervisor, size: 1)
    var outcome: Result<TrainedModel, ModelError>?
    try trainer.train([Training(plan, in: folder)]) { outcome = $1 }
    guard let outcome else { throw StudyError.impossible("nothing was trained") }
    return try outcome.get()
  }
}
