import Compute
import Foundation
import Records
import Transformer

/// A checkpoint that is to be analysed, and what the `train.json` beside it tells of its training.
package struct FoundModel {
  private let checkpoint: Checkpoint
  private let description: TrainingDescription?
  /// `train.json`
  private let descriptionFile: URL

  /// - Throws: what the files' damage throws.
  package init(checkpointAt url: URL) throws {
    checkpoint = try Checkpoint(contentsOf: url)
    let folder = url.deletingLastPathComponent()
    descriptionFile = TrainingDescription.file(in: folder)
    do {
      description = try TrainingDescription.read(in: folder)
    } catch StudyError.damagedState(let file, let detail, _) {
      // A training would have to begin again; an analysis goes without.
      throw RecordError.damaged(file: file, reason: detail)
    }
  }

  /// The task it was trained on, or the one asked for where that is not known; `sort` where nobody says.
  ///
  /// - Throws: `StudyError.impossible` where it was trained on another than the one asked for.
  package func task(asked: String?) throws -> String {
    try resolve("--task", asked, description?.origin.task) ?? "sort"
  }

  /// The seed it was trained with, likewise; 42 where nobody says.
  package func seed(asked: Int?) throws -> Int {
    try resolve("--seed", asked, description?.origin.seed) ?? 42
  }

  private func resolve<Value: Equatable>(_ option: String, _ asked: Value?, _ found: Value?) throws -> Value?
  {
    if let asked, let found, asked != found {
      throw StudyError.impossible(
        "the model was trained with \(option) \(found), as \(descriptionFile.path) says, not \(asked); "
          + "leave \(option) out")
    }
    return found ?? asked
  }

  /// The model, for an analysis under any protocol.
  ///
  /// - Parameter plan: of its task and seed.
  package func model(for plan: RunPlan) -> TrainedModel {
    TrainedModel(checkpoint, description, plan: plan)
  }
}

extension RunPlan {
  /// Whether a record may come from analysing `model` as this plan says: it is of the same task, seed, protocol, settings
  /// and training on the same device.
  package func mayHaveMade(_ record: RunRecord, of model: TrainedModel, on device: any Device) -> Bool {
    func untimed(_ training: RunRecord.Training?) -> RunRecord.Training? {
      var training = training
      training?.seconds = 0
      return training
    }
    // A second training belongs to a study's run alone.
    return record.table6 == nil && RunOrigin(record) == RunOrigin(self, on: device)
      && untimed(record.training) == untimed(model.training)
  }
}
