import Compute

/// A forward whose activations still exist, so that one or more backwards can use them. It becomes invalid
/// when the transformer runs another batch.
package struct KeptForward {
  package let batch: Batch
  /// What was computed first; backwards end there.
  let start: ForwardStart
  /// The hooks of the forward.
  let hooks: Hooks
  /// Identifies the forward among those of the transformer.
  let number: Int
}

/// Where a forward begins. What lies below is given: hooks write it, and no gradient passes below.
package enum ForwardStart: Hashable, Sendable {
  /// With a block. Unless it is block 0, a hook at its `.residPre` writes the rows that enter it.
  case block(Int)
  /// With the output projection of a block's heads: hooks write its `.residPre`, unless it is block 0, and its `.z`. In parallel blocks the MLP,
  /// which does not read what heads write, is computed all the same.
  case heads(Int)
  /// With the addition of what a block's MLP writes: hooks write its `.residMid` and its `.mlpOut`.
  case mlpOutput(Int)

  /// Whether something of the first block is given.
  var isWithinBlock: Bool { self != .block(layer) }

  package var layer: Int {
    switch self {
    case .block(let layer), .heads(let layer), .mlpOutput(let layer): layer
    }
  }
}

/// The two factors of a weight's gradient, `inputᵀ·outputGradient`, when a backward reaches the weight. The
/// gradients of single sequences are computed from them, while the backward itself sums over the batch.
package struct GradientFactors {
  /// A weight that a gradient score reads.
  package enum Weight: Hashable, Sendable {
    /// The value projection of all heads, [d_model, d_model].
    case value(Int)
    /// The second matrix of the MLP, [d_mlp, d_model].
    case mlpOut(Int)
  }

  package let weight: Weight
  /// [rows, in]
  package let input: Matrix
  /// [rows, out]
  package let outputGradient: Matrix
  package let rows: RowGroups
}

extension Transformer {
  /// Runs the batch to its loss and keeps what backwards need.
  ///
  /// If the transformer recomputes activations, backwards run the hooks again, except those at a block's input and those
  /// of an MLP's output. So a hook must do the same each time.
  ///
  /// - Parameters:
  ///   - start: where to begin.
  ///   - hooks: what to read or overwrite.
  ///   - slot: where the losses are stored, below `lossSlots`.
  /// - Throws: `ModelError.batch` for another start or hooks if activations are kept in half precision.
  package func keptForward(
    _ batch: Batch, from start: ForwardStart = .block(0), hooks: Hooks = .none, lossSlot slot: Int = 0
  ) throws -> KeptForward {
    var capacity = batch.capacity(.everything)
    if activationFormat != nil {
      guard start == .block(0), hooks.points.isEmpty else {
        throw ModelError.batch(
          "activations are kept in half precision, so forwards begin with the first block and have no hooks")
      }
      capacity.format = activationFormat
    } else if recomputesActivations {
      capacity.storage = .inputs
    }
    let activations = try activations(capacity)
    let scratch = try gradientActivations(for: batch)
    try ForwardPass(
      transformer: self, activations: activations, batch: batch, hooks: hooks, lossSlot: slot, isKept: true
    )
    .run(logitsGradient: scratch.logits, from: start)
    return KeptForward(batch: batch, start: start, hooks: hooks, number: forwardCount)
  }

  /// Runs one backward over a kept forward. Gradients of parameters go to `gradients`; those of activations
  /// are passed to the hooks.
  ///
  /// - Parameters:
  ///   - logitsGradient: [output rows, vocabulary]: the gradient to start from; nil for each model's mean
  ///     loss.
  ///   - rule: what passes through non-linearities. Under the rule of relevance the results are no gradients.
  ///   - gradientHooks: what to read or overwrite in the gradients of z and of the branches' outputs.
  ///   - factors: called at each weight that a gradient score reads.
  ///   - inputs: called with the gradient of each input of each component; only for batches of all rows.
  /// - Throws: `ModelError.batch` if another batch has run since, for inputs of a batch of other rows, for anything but gradient hooks after
  ///   a forward that began within a block, or for a second backward if activations are in half precision.
  package func backward(
    _ forward: KeptForward, _ request: GradientRequest, rule: BackwardRule = .gradient,
    logitsGradient: Matrix? = nil,
    gradientHooks: Hooks = .none, factors: ((GradientFactors) throws -> Void)? = nil,
    inputs: ((InputGradient) throws -> Void)? = nil
  ) throws {
    guard inputs == nil || forward.batch.selection == .all else {
      throw ModelError.batch("gradients of inputs need a batch of all rows")
    }
    guard !forward.start.isWithinBlock || request == .none && factors == nil && inputs == nil
    else { throw ModelError.batch("a forward from within a block has no gradients of weights or inputs") }
    guard let activations, forward.number == forwardCount else {
      throw ModelError.batch("its activations are gone: another batch has run since")
    }
    guard activations.halves == nil || activations.held == configuration.layers - 1 else {
      throw ModelError.batch("activations that are kept in half precision are there for one backward")
    }
    let scratch = try gradientActivations(for: forward.batch)
    try BackwardPass(
      transformer: self, batch: forward.batch, activations: activations, scratch: scratch,
      gradients: try gradientStore(for: request), logitsGradient: logitsGradient ?? scratch.logits,
      request: request,
      rule: rule, hooks: gradientHooks, forward: forward, factors: factors, inputs: inputs
    ).run()
  }

  /// [output rows]: −log p of each target in the last batch; 0 without a target.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  package func readRowLosses(_ batch: Batch) throws -> [Double] {
    try device.readDoubles(lastActivations().rowLoss.buffer, 0..<batch.outputRows.extent)
  }

  /// [output rows, vocabulary] of the last batch, with the full precision of the device.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  package func readPreciseLogits(_ batch: Batch) throws -> [Double] {
    try device.readDoubles(
      lastActivations().logits.buffer, 0..<batch.outputRows.extent * configuration.vocabulary)
  }
}
