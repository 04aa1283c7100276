import AtomicFile
import Foundation
import RandomStreams
import Records
import Transformer

/// A trained model, and the random stream with which its analysis continues.
package struct TrainedModel {
  package var checkpoint: Checkpoint
  package var dataStream: DataStream
  /// Nil for a checkpoint of unknown origin.
  package var training: RunRecord.Training?
  /// The settings of its training, if they are known.
  package var configuration: RunRecord.Configuration?
  package var notes: [String] = []
  /// What the model makes of parts of its data, by the name of the split; nil if it was trained on a task.
  package var splits: [String: SplitScore]?

  /// Writes `train.json` and then `model.safetensors`. So if the model is there, both files are.
  func write(to folder: URL, origin: RunOrigin) throws {
    let (file, checksum) = try checkpoint.output()
    let description = TrainingDescription(
      origin: origin, training: training, dataStream: dataStream, splits: splits, modelChecksum: checksum)
    try writeAtomically(
      RecordCoding.encodeWithChecksum(description), to: TrainingDescription.file(in: folder))
    try file.write(to: folder.appendingPathComponent("model.safetensors"))
  }

  /// Makes a model to be analysed under `plan` from a checkpoint and the description of its training.
  ///
  /// If the plan has the protocol of the training, the random stream continues where the training left it.
  /// Under another protocol, or if the training is unknown, it starts from the seed.
  init(_ checkpoint: Checkpoint, _ description: TrainingDescription?, plan: some PlannedTraining) {
    self.checkpoint = checkpoint
    notes = checkpoint.notes
    guard let description else {
      dataStream = plan.stream(.trainingData)
      notes.append("no train.json beside the checkpoint: its data stream starts afresh from the seed")
      return
    }
    training = description.training
    splits = description.splits
    configuration = description.origin.configuration
    if description.origin.protocolName == plan.protocolName {
      dataStream = description.dataStream
    } else {
      dataStream = plan.stream(.trainingData)
      notes.append(
        "trained under the protocol \(description.origin.protocolName): its data stream starts afresh from the seed"
      )
    }
  }

  init(checkpoint: Checkpoint, dataStream: DataStream, training: RunRecord.Training?) {
    self.checkpoint = checkpoint
    self.dataStream = dataStream
    self.training = training
  }
}
