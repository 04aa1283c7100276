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

  /// Writes `train.json` and then `model.safetensors`. So if the model is there, both files are.
  func write(to folder: URL, origin: RunOrigin) throws {
    let (file, checksum) = try checkpoint.output()
    let description = TrainingDescription(
      origin: origin, training: training, dataStream: dataStream, modelChecksum: checksum)
    try writeAtomically(
      RecordCoding.encodeWithChecksum(description), to: TrainingDescription.file(in: folder))
    try file.write(to: folder.appendingPathComponent("model.safetensors"))
  }

  /// Makes a model to be analysed under `plan` from a checkpoint and the description of its training.
  ///
  /// If the plan has the protocol of the training, the random stream continues where the training left it.
  /// Under another protocol, or if the training is unknown, it starts from the seed.
  init(_ checkpoint: Checkpoint, _ description: TrainingDescription?, plan: RunPlan) {
    self.checkpoint = checkpoint
    notes = checkpoint.notes
    guard let description else {
      dataStream = plan.stream(.trainingData)
      notes.append("no train.json beside the checkpoint: its data stream starts afresh from the seed")
      return
    }
    training = description.training
    configuration = description.origin.configuration
    if description.origin.protocolName == plan.studyProtocol.name {
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
