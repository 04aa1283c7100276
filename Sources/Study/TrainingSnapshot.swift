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

    enum CodingKeys: String, CodingKey {
      case step, accuracies
      case gradientNorms = "gradient_norms"
      case seconds
      case dataStream = "data_stream"
    }
  }

  struct Kept {
    var state: State
    var parameters: [Float]
    var firstMoment: [Float]
    var secondMoment: [Float]
  }

  let file: URL
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
    guard try FileKind.of(file) != nil else { return nil }
    let kept: Kept
    let found: RunOrigin
    do {
      let tensors = try SafetensorsFile(contentsOf: file)
      found = try RecordCoding.decode(RunOrigin.self, from: Data((tensors.metadata["origin"] ?? "").utf8))
      kept = Kept(
        state: try State(json: tensors.metadata["state"] ?? ""),
        parameters: try tensors.finiteFloats(named: "parameters"),
        firstMoment: try tensors.finiteFloats(named: "first_moment"),
        secondMoment: try tensors.finiteFloats(named: "second_moment"))
    } catch {
      throw damaged("\(error)")
    }
    try found.require(origin, in: file.path)
    guard [kept.parameters, kept.firstMoment, kept.secondMoment].allSatisfy({ $0.count == count }) else {
      throw damaged("its tensors don't fit the model")
    }
    return kept
  }

  private func damaged(_ detail: String) -> StudyError {
    .damagedState(file: file.path, detail: detail, delete: [file.path])
  }

  func remove() { try? FileManager.default.removeItem(at: file) }
}

extension TrainingSnapshot.State {
  /// Version 0.1.0 wrote two of the keys in camel case; its snapshots are continued.
  private static let formerKeys = ["gradientNorms": "gradient_norms", "dataStream": "data_stream"]

  init(json: String) throws {
    let text = Self.formerKeys.reduce(json) { $0.replacing("\"\($1.key)\"", with: "\"\($1.value)\"") }
    self = try RecordCoding.decode(Self.self, from: Data(text.utf8))
  }
}
