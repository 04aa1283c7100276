import Foundation

extension Trainer {
  /// The folder's model, trained now unless it was before: `model.safetensors`, `train.json`, `train.csv`.
  ///
  /// - Throws: what `train` throws; `StudyError.differentConfiguration` where the folder's model is another's.
  public func model(in folder: URL) throws -> TrainedModel {
    let checkpoint = folder.appendingPathComponent("model.safetensors")
    let isThere = FileManager.default.fileExists(atPath: checkpoint.path)
    let origin = RunOrigin(plan, on: device)
    let description = try TrainingDescription.read(in: folder)
    try description?.origin.require(origin, in: folder.path)
    if description == nil, isThere {
      throw StudyError.differentConfiguration(
        folder: folder.path, detail: "its model.safetensors has no train.json beside it")
    }
    let model: TrainedModel
    if isThere {
      model = try TrainedModel(checkpointAt: checkpoint, plan: plan)
      supervisor.report(.resumed(step: model.training?.steps ?? 0))
    } else {
      model = try train(in: folder)
      try model.write(to: folder, origin: origin)
    }
    removeSnapshot(in: folder)
    return model
  }

  /// For when what came of a training is kept.
  func removeSnapshot(in folder: URL) {
    TrainingSnapshot(folder: folder, plan: plan, device: device).remove()
  }
}
