import Foundation
import RandomStreams
import Records
import Transformer

/// `train.json`: where a checkpoint comes from, and the state of its random stream after training.
package struct TrainingDescription: Codable {
  var origin: RunOrigin
  var training: RunRecord.Training?
  /// JSON key `streams`, `data` in it.
  var dataStream: DataStream
  /// What the finished model makes of parts of its data, by the name of the split; absent after a training on a task.
  var splits: [String: SplitScore]?
  /// The checksum of the model that is described; nil in files of version 0.1.0.
  var modelChecksum: String?

  private enum CodingKeys: String, CodingKey {
    case training, streams, splits
    case modelChecksum = "model_checksum"
  }
  private enum StreamKeys: String, CodingKey { case data }

  init(
    origin: RunOrigin, training: RunRecord.Training?, dataStream: DataStream,
    splits: [String: SplitScore]? = nil, modelChecksum: String?
  ) {
    self.splits = splits
    self.modelChecksum = modelChecksum
    self.origin = origin
    self.training = training
    self.dataStream = dataStream
  }

  // The keys of the origin are on the same level as the others.

  package init(from decoder: any Decoder) throws {
    origin = try RunOrigin(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    training = try container.decodeIfPresent(RunRecord.Training.self, forKey: .training)
    splits = try container.decodeIfPresent([String: SplitScore].self, forKey: .splits)
    modelChecksum = try container.decodeIfPresent(String.self, forKey: .modelChecksum)
    let streams = try container.nestedContainer(keyedBy: StreamKeys.self, forKey: .streams)
    dataStream = try streams.decode(DataStream.self, forKey: .data)
  }

  package func encode(to encoder: any Encoder) throws {
    try origin.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(training, forKey: .training)
    try container.encodeIfPresent(splits, forKey: .splits)
    try container.encodeIfPresent(modelChecksum, forKey: .modelChecksum)
    var streams = container.nestedContainer(keyedBy: StreamKeys.self, forKey: .streams)
    try streams.encode(dataStream, forKey: .data)
  }

  /// Whether a model may be the one that is described. A file of version 0.1.0 does not say.
  func describes(_ model: Checkpoint) -> Bool { modelChecksum == nil || modelChecksum == model.checksum }

  static func file(in folder: URL) -> URL { folder.appendingPathComponent("train.json") }

  /// Reads the file; nil if there is none.
  ///
  /// - Throws: `StudyError.damagedState`; `RecordError.unreadable`.
  static func read(in folder: URL) throws -> TrainingDescription? {
    let file = file(in: folder)
    guard try FileKind.of(file) != nil else { return nil }
    let data = try fileContents(file)
    do {
      return try RecordCoding.decodeChecked(TrainingDescription.self, from: data)
    } catch {
      // Without its description a model cannot be assigned to a run, so both files must be deleted.
      throw StudyError.damagedState(
        file: file.path, detail: "it is not what this program wrote (\(RecordCoding.explain(error)))",
        delete: [file.path, folder.appendingPathComponent("model.safetensors").path])
    }
  }
}
