import Compute
import Foundation
import Safetensors
import Tasks
import Transformer

/// The handshake with other frameworks: a model's logits, loss, every gradient and, asked for, its activations on a
/// given batch, every row computed.
package struct Inspection {
  package let checkpoint: Checkpoint
  /// [B][T]
  package let sequences: [TokenSequence]
  /// Empty for none.
  package let ablations: [Ablation]
  package let includesActivations: Bool

  /// - Parameters:
  ///   - batch: safetensors with `tokens` and `targets` [B, T]; `targets[b,t]` is what `logits[b,t]` should
  ///     predict, −100 where there is no loss.
  ///   - ablate: `L1_H2=mean,L0_MLP=zero`, or nil for none. Means are over this batch's rows.
  /// - Throws: `SafetensorsError`, `ModelError`, `ImportanceError`, each naming what is wrong.
  package init(checkpoint: URL, batch: URL, ablate: String?, includesActivations: Bool) throws {
    self.checkpoint = try Checkpoint(contentsOf: checkpoint)
    self.includesActivations = includesActivations
    ablations = try Ablation.list(ablate ?? "", in: self.checkpoint.configuration)
    let file = try SafetensorsFile(contentsOf: batch)
    let shape = try file.shape(of: "tokens")
    guard shape.count == 2, shape[0] > 0, shape[1] > 0 else {
      throw ModelError.batch("tokens in \(batch.path) must be [B, T], not \(shape)")
    }
    let tokens = try int32s(file.integers(named: "tokens"), "token")
    let targets = try int32s(file.integers(named: "targets", shape: shape), "target")
    sequences = (0..<shape[0]).map { row in
      let range = row * shape[1]..<(row + 1) * shape[1]
      return TokenSequence(tokens: Array(tokens[range]), targets: Array(targets[range]))
    }
  }

  /// The result as a file of tensors: `logits` [B, T, V], `loss` [1], `grad.<parameter>`, and hooks by their
  /// TransformerLens names.
  package func run(on device: any Device) throws -> SafetensorsFile {
    let configuration = checkpoint.configuration
    let transformer = try Transformer(configuration, parameters: [checkpoint.parameters], on: device)
    let batch = try Batch(sequences, .all, for: configuration, on: device)
    let means = ablations.isEmpty ? nil : try ComponentMeans(transformer, batches: [sequences])
    let intervention = try Ablation.intervention(ablations, means: means)
    var hooks = try Hooks.applying([intervention], to: transformer)
    let (b, t) = (sequences.count, sequences[0].tokens.count)
    var tensors: [SafetensorsTensor] = []
    if includesActivations {
      hooks = hooks.then(
        Hooks(points: Set(transformer.order.hooks)) { point, matrix, rows in
          tensors.append(
            try SafetensorsTensor(
              name: point.name, shape: [b, t] + point.shape(configuration),
              floats: try device.readRows(matrix, count: rows.extent)))
        })
    }
    try transformer.computeGradients(
      batch, hooks: hooks,
      gradientHooks: ablations.isEmpty ? .none : .blockingGradients([intervention], in: transformer))
    tensors.append(
      try SafetensorsTensor(
        name: "logits", shape: [b, t, configuration.vocabulary], floats: transformer.readLogits(batch)))
    tensors.append(
      try SafetensorsTensor(name: "loss", shape: [1], floats: transformer.readLosses(slots: 0..<1)))
    let gradients = try transformer.gradients(ofModel: 0)
    for tensor in transformer.layout.namedTensors {
      tensors.append(
        try SafetensorsTensor(
          name: "grad." + tensor.name, shape: tensor.shape, floats: tensor.extract(from: gradients)))
    }
    return try SafetensorsFile(tensors: tensors)
  }
}

extension HookPoint {
  /// What follows [B, T].
  fileprivate func shape(_ configuration: ModelConfiguration) -> [Int] {
    switch self {
    case .query, .key, .value, .z: [configuration.heads, configuration.dHead]
    case .mlpPre, .mlpPost: [configuration.dMLP]
    default: [configuration.dModel]
    }
  }
}

extension Device {
  /// Rows `0..<count` of a matrix, without what lies between them.
  fileprivate func readRows(_ matrix: Matrix, count: Int) throws -> [Float] {
    let end = matrix.offset + (count - 1) * matrix.stride + matrix.columns
    let values = try read(matrix.buffer, matrix.offset..<end)
    if matrix.stride == matrix.columns { return values }
    return (0..<count).flatMap { values[$0 * matrix.stride..<$0 * matrix.stride + matrix.columns] }
  }
}

private func int32s(_ values: [Int], _ name: String) throws -> [Int32] {
  try values.map { value in
    guard let small = Int32(exactly: value) else {
      throw ModelError.batch("\(name) \(value) is far outside any vocabulary")
    }
    return small
  }
}
