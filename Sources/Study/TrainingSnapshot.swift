import Compute
import Foundation
import RandomStreams
import Records
import Safetensors
import Transformer

/// The state of a training on disk, `training.safetensors`. It is written at measurements and when interrupted, and removed once the
/// result of the training is kept.
package struct TrainingSnapshot {
  package struct State: Codable {
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

  /// What a snapshot holds beside the tensors that belong on a device.
  struct Kept {
    var state: State
    /// [steps]: the loss of every step so far, from which the log can be written anew. Nil in snapshots of version 0.1.0.
    var losses: [Float]?
  }

  let file: URL
  /// The origin that a snapshot must have to be continued.
  private let origin: RunOrigin
  private let count: Int
  /// Which of a run's trainings it is: their origins are the same.
  private let training: String

  private static let losses = "losses"

  /// - Parameter experiment: the experiment that a second training belongs to.
  init(folder: URL, plan: TrainingPlan, device: any Device, experiment: String? = nil) {
    training = experiment ?? "main"
    file = folder.appendingPathComponent("training.safetensors")
    origin = RunOrigin(plan, on: device)
    count = ParameterLayout(plan.model).count
  }

  /// Writes the snapshot, whole or not at all. What is on the device is read a piece at a time, and never in memory as a
  /// whole.
  ///
  /// - Parameter losses: [steps]
  func write(_ state: State, losses: [Float], _ model: ModelState) throws {
    let metadata = [
      "origin": String(decoding: try RecordCoding.encode(origin), as: UTF8.self),
      "training": training,
      "state": String(decoding: try RecordCoding.encode(state), as: UTF8.self),
    ]
    let tensors = try model.stores.map { name, store in
      try TensorSource(name: name, shape: [count]) { take in
        try store.forEachPiece(ofModel: model.model, on: model.device, take)
      }
    }
    let log = try TensorSource(name: Self.losses, shape: [losses.count]) { take in try take(losses) }
    try SafetensorsOutput(metadata: metadata, tensors: tensors + [log]).withChecksum().file.write(to: file)
  }

  /// Checks the snapshot and reads what belongs on no device; nil if there is no snapshot.
  ///
  /// - Throws: `StudyError.damagedState`; `StudyError.differentConfiguration` for the snapshot of another
  ///   run.
  func read() throws -> Kept? {
    guard try FileKind.of(file) != nil else { return nil }
    let kept: Kept
    let found: RunOrigin
    let shapes: [[Int]]
    // Version 0.1.0 does not say.
    let foundTraining: String?
    do {
      let tensors = try SafetensorsFile(contentsOf: file)
      try tensors.verifyChecksum()
      foundTraining = tensors.metadata["training"]
      found = try RecordCoding.decode(RunOrigin.self, from: Data((tensors.metadata["origin"] ?? "").utf8))
      kept = Kept(
        state: try State(json: tensors.metadata["state"] ?? ""),
        losses: tensors.contains(Self.losses) ? try tensors.finiteFloats(named: Self.losses) : nil)
      shapes = try ModelState.names.map { try tensors.shape(of: $0) }
      if tensors.statedChecksum == nil {
        for name in ModelState.names { try tensors.forEachFinitePiece(of: name) { _, _ in } }
      }
    } catch {
      throw StudyError.damagedState(file.path, error)
    }
    try found.require(origin, in: file.path)
    guard shapes.allSatisfy({ $0 == [count] }) else { throw damaged("its tensors don't fit the model") }
    guard foundTraining == nil || foundTraining == training else {
      throw damaged("it belongs to another training of the run (\(foundTraining ?? ""))")
    }
    guard kept.losses.map({ $0.count == kept.state.step }) ?? true else {
      throw damaged("it lacks losses of steps before \(kept.state.step)")
    }
    return kept
  }

  /// Brings the snapshot's tensors to the device, a piece at a time.
  ///
  /// - Throws: `StudyError.damagedState`; what the device throws.
  func load(into model: ModelState) throws {
    do {
      let tensors = try SafetensorsFile(contentsOf: file)
      for (name, store) in model.stores {
        try tensors.forEachFinitePiece(of: name, shape: [count]) { first, values in
          try store.write(values, from: first, toModel: model.model, on: model.device)
        }
      }
    } catch let error as SafetensorsError {
      throw StudyError.damagedState(file.path, error)
    }
  }

  private func damaged(_ detail: String) -> StudyError {
    .damagedState(file: file.path, detail: detail, delete: [file.path])
  }

  func remove() { try? FileManager.default.removeItem(at: file) }
}

extension TrainingSnapshot.State {
  /// Version 0.1.0 wrote two of the keys in camel case; its snapshots are continued.
  private static let formerKeys = ["gradientNorms": "gradient_norms", "dataStream": "data_stream"]

  package init(json: String) throws {
    let text = Self.formerKeys.reduce(json) { $0.replacing("\"\($1.key)\"", with: "\"\($1.value)\"") }
    self = try RecordCoding.decode(Self.self, from: Data(text.utf8))
  }
}
