import Compute
import Foundation
import RandomStreams
import Records
import Safetensors
import Transformer

/// The state of a training on disk. It is written at measurements and when interrupted, and removed once the
/// result of the training is kept.
struct TrainingSnapshot {
  struct State: Codable {
    var step: Int
    var accuracies: [RunRecord.Training.Accuracy]
    var gradientNorms: [RunRecord.Training.GradientNorms]
    var seconds: Double
    var dataStream: DataStream
  }

  struct Kept {
    var state: State
    var parameters: [Float]
    var firstMoment: [Float]
    var secondMoment: [Float]
  }

  private let file: URL
  /// The origin that a snapshot must have to be continued.
  private let origin: RunOrigin
  private let count: Int

  init(folder: URL, plan: RunPlan, device: any Device) {
    file = folder.appendingPathComponent("training.safetensors")
    origin = RunOrigin(plan, on: device)
    count = ParameterLayout(plan.model).count
  }

  func write(_ kept: Kept) throws {
    func tensor(_ name: String, _ values: [Float]) throws -> SafetensorsTensor {
      try SafetensorsTensor(name: name, shape: [values.count], floats: values)
    }
    let metadata = [
      "origin": String(decoding: try RecordCoding.encode(origin), as: UTF8.self),
      "state": String(decoding: try RecordCoding.encode(kept.state), as: UTF8.self),
    ]
    try SafetensorsFile(
      metadata: metadata,
      tensors: [
        tensor("parameters", kept.parameters), tensor("first_moment", kept.firstMoment),
        tensor("second_moment", kept.secondMoment),
      ]
    ).write(to: file)
  }

  /// Reads the snapshot; nil if there is none.
  ///
  /// - Throws: `StudyError.damagedState`; `StudyError.differentConfiguration` for the snapshot of another
  ///   run.
  func read() throws -> Kept? {
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let kept: Kept
    let found: RunOrigin
    do {
      let tensors = try SafetensorsFile(contentsOf: file)
      found = try RecordCoding.decode(RunOrigin.self, from: Data((tensors.metadata["origin"] ?? "").utf8))
      kept = Kept(
        state: try RecordCoding.decode(State.self, from: Data((tensors.metadata["state"] ?? "").utf8)),
        parameters: try tensors.finiteFloats(named: "parameters"),
        firstMoment: try tensors.finiteFloats(named: "first_moment"),
        secondMoment: try tensors.finiteFloats(named: "second_moment"))
    } catch {
      throw StudyError.damagedState(file: file.path, detail: "\(error)")
    }
    try found.require(origin, in: file.path)
    guard [kept.parameters, kept.firstMoment, kept.secondMoment].allSatisfy({ $0.count == count }) else {
      throw StudyError.damagedState(file: file.path, detail: "its tensors don't fit the model")
    }
    return kept
  }

  func remove() { try? FileManager.default.removeItem(at: file) }
}
