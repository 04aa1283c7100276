import Compute
import Foundation
import Records
import Transformer

/// A checkpoint to be analysed, and the description of its training in the `train.json` beside it, if there
/// is one.
package struct FoundModel {
  private let checkpoint: Checkpoint
  private let description: TrainingDescription?
  /// The location of `train.json`.
  private let descriptionFile: URL

  /// Reads the checkpoint and its description.
  ///
  /// - Throws: errors about damaged files; `StudyError.otherModel`; `StudyError.impossible` for a model of another family or one
  ///   that was trained on data, which was never trained on a task of this program's.
  package init(checkpointAt url: URL) throws {
    checkpoint = try Checkpoint(contentsOf: url)
    guard checkpoint.configuration.architecture.isOwn else {
      throw StudyError.impossible(
        "\(url.path) is a model of another family, which knows none of the tasks; name sequences of yours with --data, or a text "
          + "with --text"
      )
    }
    let folder = url.deletingLastPathComponent()
    descriptionFile = TrainingDescription.file(in: folder)
    do {
      description = try TrainingDescription.read(in: folder)
    } catch StudyError.damagedState(let file, let detail, _) {
      // Without it a training would have to start again, but an analysis does not need it.
      throw RecordError.damaged(file: file, reason: detail)
    }
    guard description?.describes(checkpoint) ?? true else {
      throw StudyError.otherModel(
        file: url.path, description: descriptionFile.path,
        otherwise: "move \(descriptionFile.path) away to analyse the model without it")
    }
    if description?.origin.data != nil {
      throw StudyError.impossible(
        "\(url.path) was trained on data, as \(descriptionFile.path) says, and knows none of the tasks; name sequences of yours "
          + "with --data, or a text with --text")
    }
  }

  /// Whether it is known what the model was trained on.
  package var hasKnownTask: Bool { description != nil }

  /// The task that the model was trained on. If that is unknown, the requested task, or `sort` without a
  /// request.
  ///
  /// - Throws: `StudyError.impossible` if the model was trained on another task than the requested one.
  package func task(asked: String?) throws -> String {
    try resolve("--task", asked, description?.origin.task) ?? "sort"
  }

  /// The seed of the training. If that is unknown, the requested seed, or 42 without a request.
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

  /// The model, ready for an analysis under any protocol.
  ///
  /// - Parameter plan: a plan with the model's task and seed.
  package func model(for plan: RunPlan) -> TrainedModel {
    TrainedModel(checkpoint, description, plan: plan)
  }
}

extension RunPlan {
  /// Whether a record may come from this analysis: it must have the same task, seed, protocol, settings,
  /// training and device.
  package func mayHaveMade(_ record: RunRecord, of model: TrainedModel, on device: any Device) -> Bool {
    func untimed(_ training: RunRecord.Training?) -> RunRecord.Training? {
      var training = training
      training?.seconds = 0
      return training
    }
    // Only the run of a study can have a second training.
    return record.table6 == nil && RunOrigin(record) == RunOrigin(self, on: device)
      && untimed(record.training) == untimed(model.training)
  }
}
