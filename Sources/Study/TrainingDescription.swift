import Foundation
import RandomStreams
import Records

/// `train.json`: where a checkpoint comes from, and the state of the random streams after its training.
struct TrainingDescription: Codable {
  var origin: RunOrigin
  var training: RunRecord.Training?
  var streams: [String: DataStream]

  private enum CodingKeys: String, CodingKey { case training, streams }

  init(origin: RunOrigin, training: RunRecord.Training?, streams: [String: DataStream]) {
    self.origin = origin
    self.training = training
    self.streams = streams
  }

  // The keys of the origin are on the same level as the others.

  init(from decoder: any Decoder) throws {
    origin = try RunOrigin(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    training = try container.decodeIfPresent(RunRecord.Training.self, forKey: .training)
    streams = try container.decode([String: DataStream].self, forKey: .streams)
  }

  func encode(to encoder: any Encoder) throws {
    try origin.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(training, forKey: .training)
    try container.encode(streams, forKey: .streams)
  }

  static func file(in folder: URL) -> URL { folder.appendingPathComponent("train.json") }

  /// Reads the file; nil if there is none.
  ///
  /// - Throws: `StudyError.damagedState`.
  static func read(in folder: URL) throws -> TrainingDescription? {
    let file = file(in: folder)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      return try RecordCoding.decode(TrainingDescription.self, from: Data(contentsOf: file))
    } catch {
      throw StudyError.damagedState(file: file.path, detail: "it is not what this program wrote")
    }
  }
}
