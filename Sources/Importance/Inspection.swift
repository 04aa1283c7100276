import Compute
import Foundation
import Safetensors
import Tasks
import Transformer

/// The comparison with other frameworks: computes what a model gives for a batch, with all rows computed.
///
/// ```swift
/// let inspection = try Inspection(checkpoint: model, batch: batch, ablate: "L1_H2=mean")
/// try inspection.run(on: device).file.write(to: output)
/// ```
package struct Inspection {
  package let checkpoint: CheckpointSource
  private let batch: InspectedBatch
  /// The components ablated in the forward and the backward; empty for no ablation.
  private let ablations: [NamedIntervention]
  /// The components and edges patched in a forward without a backward; empty for no patch.
  private let patches: [NamedIntervention]
  let includesActivations: Bool
  let includesEdges: Bool

  /// The tensors to write, and the notes to show.
  package struct Result {
    /// `logits` [B, T, V] and `loss` [1]. Without patches also `grad.<parameter>` and, if requested,
    /// activations under their TransformerLens hook names and attributions of edges.
    package let file: SafetensorsFile
    /// How well the logits predict the targets, with what was ablated or patched.
    package let scores: InspectedScores
    /// Messages for the user, for example that an intervention changes nothing.
    package let notes: [String]
  }

  /// - Parameters:
  ///   - batch: a safetensors file with `tokens` and `targets` [B, T]. `targets[b,t]` is the token that
  ///     `logits[b,t]` should predict, or −100 if the position has no loss. Edges and patches from another
  ///     run also need `corrupted` [B, T].
  ///   - ablate: for example `L1_H2=mean,L0_MLP=zero`; nil for no ablation. Means are taken over the rows of
  ///     this batch.
  ///   - patch: for example `L0_H1>L2_H3.q=noising,L0_MLP=noising`; nil for no patch. It excludes all other
  ///     options.
  ///   - includesEdges: whether to write `eap` and `eap_ig`, [writers, readers, B]: for each edge, the
  ///     estimated change of the mean log-probability of a sequence's targets when the edge is patched from
  ///     the corrupted run.
  /// - Throws: `SafetensorsError`, `ModelError` or `ImportanceError`, each of which says what is wrong.
  package init(
    checkpoint: URL, batch: URL, ablate: String? = nil, patch: String? = nil,
    includesActivations: Bool = false, includesEdges: Bool = false
  ) throws {
    self.checkpoint = try CheckpointSource(checkpoint)
    let configuration = self.checkpoint.configuration
    self.includesActivations = includesActivations
    self.includesEdges = includesEdges
    ablations = try NamedIntervention.ablations(ablate ?? "", in: configuration)
    patches = try NamedIntervention.patches(patch ?? "", in: configuration)
    guard patches.isEmpty || (ablations.isEmpty && !includesActivations && !includesEdges) else {
      throw ImportanceError.contradiction(
        "a patched forward has logits and a loss, and neither gradients nor activations; leave out the other options"
      )
    }
    guard ablations.isEmpty || !includesEdges else {
      throw ImportanceError.contradiction("attributions of edges are those of the model without ablations")
    }
    self.batch = try InspectedBatch(contentsOf: batch)
    guard self.batch.corrupted != nil || !(includesEdges || patches.contains { !$0.method.isAblation }) else {
      throw ModelError.batch(
        "patching by another run and edges need 'corrupted' [B, T] in \(batch.path) beside the tokens")
    }
  }

  /// Computes all requested tensors on a device.
  ///
  /// - Throws: `ModelError`, or what the device throws.
  package func run(on device: any Device) throws -> Result {
    let configuration = checkpoint.configuration
    let transformer = try checkpoint.transformer(on: device)
    let named = ablations + patches
    let means = named.isEmpty ? nil : try ComponentMeans(transformer, batches: [batch.sequences])
    let intervention = try named.intervention(in: configuration, means: means)
    let alone = try named.map { try $0.intervention(in: configuration, means: means) }
    let tensors =
      patches.isEmpty
      ? try tensors(transformer, intervention) : try patchedTensors(transformer, intervention)
    let edges = includesEdges ? try EdgeTensors(transformer, batch) : nil
    let file = try SafetensorsFile(
      metadata: edges?.metadata ?? [:], tensors: tensors + (edges?.tensors ?? []))
    let scores = InspectedScores(
      loss: Double(try file.floats(named: "loss")[0]), logits: try file.floats(named: "logits"),
      of: batch.sequences)
    return Result(file: file, scores: scores, notes: try notes(transformer, alone, named))
  }

  /// The logits, the loss and every gradient under an intervention, with the activations if requested.
  private func tensors(_ transformer: Transformer, _ intervention: Intervention) throws
    -> [SafetensorsTensor]
  {
    let (configuration, device) = (transformer.configuration, transformer.device)
    let batch = try Batch(self.batch.sequences, .all, for: configuration, on: device)
    var hooks = try Hooks.applying([intervention], to: transformer)
    var tensors: [SafetensorsTensor] = []
    if includesActivations {
      hooks = hooks.then(
        Hooks(points: Set(transformer.order.hooks)) { point, matrix, rows in
          tensors.append(
            try SafetensorsTensor(
              name: point.name, shape: shape + point.shape(configuration),
              floats: try device.readRows(matrix, count: rows.extent)))
        })
    }
    try transformer.computeGradients(
      batch, hooks: hooks,
      gradientHooks: ablations.isEmpty ? .none : .blockingGradients([intervention], in: transformer))
    tensors.append(try logits(transformer.readLogits(batch)))
    tensors.append(
      try SafetensorsTensor(name: "loss", shape: [1], floats: transformer.readLosses(slots: 0..<1)))
    let gradients = try transformer.gradients(ofModel: 0)
    for tensor in checkpoint.tensors {
      tensors.append(
        try SafetensorsTensor(
          name: "grad." + tensor.name, shape: tensor.shape, floats: tensor.extract(from: gradients)))
    }
    return tensors
  }

  /// The logits and the loss of a forward whose patches may use the corrupted run.
  private func patchedTensors(_ transformer: Transformer, _ intervention: Intervention) throws
    -> [SafetensorsTensor]
  {
    let values = try ForkedForward(transformer).logits(samples, [intervention])[0]
    let loss = meanLoss(of: values, batch.sequences.flatMap(\.targets))
    return [try logits(values), try SafetensorsTensor(name: "loss", shape: [1], floats: [Float(loss)])]
  }

  /// A note for each intervention that, applied alone, changes no logit.
  private func notes(
    _ transformer: Transformer, _ interventions: [Intervention], _ named: [NamedIntervention]
  ) throws -> [String] {
    guard let base = interventions.first?.run else { return [] }
    let logits = try ForkedForward(transformer).logits(samples, [Intervention(run: base)] + interventions)
    return zip(named, logits.dropFirst()).filter { $1 == logits[0] }.map { named, _ in
      "\(named.name) changes nothing: every logit is what it is without it"
    }
  }

  private var samples: ForkedForward.Samples {
    ForkedForward.Samples(batch.sequences, otherRuns: batch.corrupted.map { [$0] } ?? [])
  }

  /// The number of rows of the batch.
  var rowCount: Int { batch.sequences.reduce(0) { $0 + $1.tokens.count } }

  var sampleCount: Int { batch.sequences.count }

  /// Whether there is a backward.
  var hasGradients: Bool { patches.isEmpty }

  var interventionCount: Int { ablations.count + patches.count }

  /// The columns of all activations that are written.
  var hookWidth: Int {
    let configuration = checkpoint.configuration
    return ForwardOrder(configuration.blocks).hooks.reduce(0) { $0 + $1.width(of: configuration) }
  }

  /// [B, T]
  private var shape: [Int] { [batch.sequences.count, batch.sequences[0].tokens.count] }

  private func logits(_ values: [Float]) throws -> SafetensorsTensor {
    try SafetensorsTensor(
      name: "logits", shape: shape + [checkpoint.configuration.vocabulary], floats: values)
  }
}

/// The mean of −ln softmax(logits)[target] over the rows that have a target.
private func meanLoss(of logits: [Float], _ targets: [Int32]) -> Double {
  let width = logits.count / max(targets.count, 1)
  let losses = targets.enumerated().filter { $0.element >= 0 }.map { row, target in
    let values = logits[row * width..<(row + 1) * width].map(Double.init)
    let largest = values.max() ?? 0
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) }) - values[Int(target)]
  }
  return losses.reduce(0, +) / Double(max(losses.count, 1))
}

extension HookPoint {
  /// The dimensions that follow [B, T].
  fileprivate func shape(_ configuration: ModelConfiguration) -> [Int] {
    switch self {
    case .query, .key, .value, .z: [configuration.heads, configuration.dHead]
    case .mlpPre, .mlpPost: [configuration.dMLP]
    default: [configuration.dModel]
    }
  }
}

extension Device {
  /// The rows `0..<count` of a matrix, without the padding between them.
  fileprivate func readRows(_ matrix: Matrix, count: Int) throws -> [Float] {
    let end = matrix.offset + (count - 1) * matrix.stride + matrix.columns
    let values = try read(matrix.buffer, matrix.offset..<end)
    if matrix.stride == matrix.columns { return values }
    return (0..<count).flatMap { values[$0 * matrix.stride..<$0 * matrix.stride + matrix.columns] }
  }
}
