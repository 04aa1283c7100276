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
    let description = TrainingDescription(origin: origin, training: training, streams: ["data": dataStream])
    try writeAtomically(RecordCoding.encode(description), to: TrainingDescription.file(in: folder))
    try checkpoint.write(to: folder.appendingPathComponent("model.safetensors"))
  }

  /// Reads a checkpoint, with the streams of the `train.json` next to it. Without that file, the streams
  /// start afresh.
  ///
  /// - Throws: the errors of damaged files; `StudyError.impossible` if the files belong to another run.
  package init(checkpointAt url: URL, plan: RunPlan) throws {
    checkpoint = try Checkpoint(contentsOf: url)
    let folder = url.deletingLastPathComponent()
    guard let description = try TrainingDescription.read(in: folder) else {
      dataStream = plan.stream(.trainingData)
      notes = ["no train.json beside the checkpoint: its data stream starts afresh from the seed"]
      return
    }
    let (origin, file) = (description.origin, TrainingDescription.file(in: folder).path)
    guard
      (origin.task, origin.seed, origin.protocolName) == (plan.task.name, plan.seed, plan.studyProtocol.name)
    else {
      throw StudyError.impossible(
        "\(file) is of another training: use --task \(origin.task) --seed \(origin.seed) "
          + "--protocol \(origin.protocolName)")
    }
    guard let stream = description.streams["data"] else {
      throw StudyError.damagedState(file: file, detail: "it has no data stream")
    }
    dataStream = stream
    training = description.training
    configuration = origin.configuration
  }

  init(checkpoint: Checkpoint, dataStream: DataStream, training: RunRecord.Training?) {
    self.checkpoint = checkpoint
    self.dataStream = dataStream
    self.training = training
  }
}
