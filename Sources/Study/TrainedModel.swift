import AtomicFile
import Foundation
import RandomStreams
import Records
import Transformer

/// A model as training left it, and the random stream its analysis goes on with.
public struct TrainedModel {
  public var checkpoint: Checkpoint
  public var dataStream: MersenneTwister
  /// Nil for a checkpoint of unknown origin.
  public var training: RunRecord.Training?
  /// The most steps its training was to take, where that is known.
  public var maxSteps: Int?
  public var notes: [String] = []

  /// `model.safetensors` and, beside it, `train.json`.
  public func write(to folder: URL, plan: RunPlan) throws {
    try checkpoint.write(to: folder.appendingPathComponent("model.safetensors"))
    let description = TrainingDescription(
      task: plan.task.name, seed: plan.seed, protocolName: plan.studyProtocol.name,
      configuration: plan.recordConfiguration, training: training, streams: ["data": dataStream])
    try writeAtomically(
      RecordCoding.encode(description), to: folder.appendingPathComponent("train.json"))
  }

  /// A checkpoint with the streams of the `train.json` beside it, or with fresh ones where there is none.
  ///
  /// - Throws: what the files' damage throws; `StudyError.differentConfiguration` when they are of another run.
  public init(checkpointAt url: URL, plan: RunPlan) throws {
    checkpoint = try Checkpoint(contentsOf: url)
    let file = url.deletingLastPathComponent().appendingPathComponent("train.json")
    guard FileManager.default.fileExists(atPath: file.path) else {
      dataStream = MersenneTwister(seed: UInt32(truncatingIfNeeded: plan.seed))
      notes = ["no train.json beside the checkpoint: its data stream starts afresh from the seed"]
      return
    }
    let description: TrainingDescription
    do {
      description = try RecordCoding.decode(TrainingDescription.self, from: Data(contentsOf: file))
    } catch {
      throw StudyError.damagedState(file: file.path, detail: "\(error)")
    }
    guard description.task == plan.task.name, description.seed == plan.seed,
      description.protocolName == plan.studyProtocol.name
    else {
      throw StudyError.differentConfiguration(
        folder: file.path,
        detail: "\(description.task), seed \(description.seed), \(description.protocolName)")
    }
    guard let stream = description.streams["data"] else {
      throw StudyError.damagedState(file: file.path, detail: "it has no data stream")
    }
    dataStream = stream
    training = description.training
    maxSteps = description.configuration.maxSteps
  }

  public init(checkpoint: Checkpoint, dataStream: MersenneTwister, training: RunRecord.Training?) {
    self.checkpoint = checkpoint
    self.dataStream = dataStream
    self.training = training
  }
}

/// `train.json`
struct TrainingDescription: Codable {
  var task: String
  var seed: Int
  var protocolName: String
  var configuration: RunRecord.Configuration
  var training: RunRecord.Training?
  var streams: [String: MersenneTwister]

  enum CodingKeys: String, CodingKey {
    case task, seed
    case protocolName = "protocol"
    case configuration, training, streams
  }
}
