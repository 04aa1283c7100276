import Compute

/// A forward whose activations are still there, so that one or several backwards can go over it. It is spent when the
/// transformer runs another batch.
package struct KeptForward {
  package let batch: Batch
  /// The first block computed; backwards end there.
  let firstLayer: Int
  /// Which of the transformer's forwards this was.
  let number: Int
}

/// The two factors of a weight's gradient, `inputᵀ·outputGradient`, as a backward comes past them: what the gradients of
/// single sequences are made of, where the backward itself sums over the batch.
package struct GradientFactors {
  /// A weight that a gradient score reads.
  package enum Weight: Hashable, Sendable {
    /// All heads' value projection, [d_model, d_model].
    case value(Int)
    /// The MLP's second matrix, [d_mlp, d_model].
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
  /// - Parameters:
  ///   - first: the first block to compute. Above 0 there must be a hook at its `.residPre` that writes the rows
  ///     that go in.
  ///   - hooks: what to read or overwrite on the way.
  ///   - slot: where the losses go, below `lossSlots`.
  package func keptForward(
    _ batch: Batch, from first: Int = 0, hooks: Hooks = .none, lossSlot slot: Int = 0
  ) throws -> KeptForward {
    let sharesRows = batch.shared != nil
    let activations = try activations(rows: batch.extent, keepsBlocks: true, sharesRows: sharesRows)
    let scratch = try gradientActivations(rows: batch.extent, sharesRows: sharesRows)
    try ForwardPass(
      transformer: self, activations: activations, batch: batch, hooks: hooks, lossSlot: slot, isKept: true
    )
    .run(logitsGradient: scratch.logits, from: first)
    return KeptForward(batch: batch, firstLayer: first, number: forwardCount)
  }

  /// One way back over a kept forward. Gradients of parameters land in `gradients`, those of activations are shown
  /// to the hooks.
  ///
  /// - Parameters:
  ///   - logitsGradient: [output rows, vocabulary]: what to differentiate; nil for each model's mean loss.
  ///   - gradientHooks: what to read or overwrite of the gradients of z and of the branches' outputs.
  ///   - factors: called at each weight a gradient score reads.
  /// - Throws: `ModelError.batch` when another batch has run since.
  package func backward(
    _ forward: KeptForward, _ request: GradientRequest, logitsGradient: Matrix? = nil,
    gradientHooks: Hooks = .none, factors: ((GradientFactors) throws -> Void)? = nil
  ) throws {
    guard let activations, forward.number == forwardCount else {
      throw ModelError.batch("its activations are gone: another batch has run since")
    }
    let scratch = try gradientActivations(
      rows: forward.batch.extent, sharesRows: forward.batch.shared != nil)
    try BackwardPass(
      transformer: self, batch: forward.batch, activations: activations, scratch: scratch,
      gradients: try gradientStore(), logitsGradient: logitsGradient ?? scratch.logits, request: request,
      hooks: gradientHooks, firstLayer: forward.firstLayer, factors: factors
    ).run()
  }

  /// [output rows]: −log p of each target in the last batch; 0 where there is none.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  package func readRowLosses(_ batch: Batch) throws -> [Double] {
    try device.readDoubles(lastActivations().rowLoss.buffer, 0..<batch.outputRows.extent)
  }

  /// [output rows, vocabulary] of the last batch, with every digit the device keeps.
  ///
  /// - Throws: `ModelError.batch` before the first forward.
  package func readPreciseLogits(_ batch: Batch) throws -> [Double] {
    try device.readDoubles(
      lastActivations().logits.buffer, 0..<batch.outputRows.extent * configuration.vocabulary)
  }
}
