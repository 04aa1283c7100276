import Compute

extension Transformer {
  /// Runs the batch to its loss: logits, row losses and correctness, and each model's mean loss.
  ///
  /// - Parameter hooks: what to read or overwrite on the way.
  public func forward(_ batch: Batch, hooks: Hooks = .none) throws {
    let activations = try activations(rows: batch.rows.extent, keepsBlocks: false)
    try forward(batch, activations, hooks, logitsGradient: nil)
  }

  /// - Parameter logitsGradient: receives the loss gradient of the logits.
  func forward(
    _ batch: Batch, _ activations: Activations, _ hooks: Hooks, logitsGradient: Matrix?
  ) throws {
    try embed(batch, into: activations.blocks[0].residPre)
    for layer in 0..<configuration.layers {
      let isLast = layer == configuration.layers - 1
      let output = isLast ? activations.residFinal : activations.blocks[layer + 1].residPre
      let rows = isLast ? batch.outputRows : batch.rows
      try hooks(.residPre(layer), activations.blocks[layer].residPre, batch.rows)
      try attend(layer, batch, activations, hooks)
      try feedForward(layer, rows, activations, output, hooks)
      try hooks(.residPost(layer), output, rows)
    }
    try unembed(batch, activations, hooks)
    try crossEntropy(batch, activations, gradient: logitsGradient)
  }

  private func embed(_ batch: Batch, into output: Matrix) throws {
    try device.embedding(
      Embedding(
        tokens: batch.tokens, positions: batch.positions, tokenTable: parameter(layout.embedding),
        positionTable: layout.positions.map(parameter), output: output, rows: batch.rows))
  }

  /// `residMid = residPre + W_O·attention(LN1(residPre))`. In the last block of a live batch, everything after the
  /// keys and values runs at output rows.
  private func attend(_ layer: Int, _ batch: Batch, _ activations: Activations, _ hooks: Hooks) throws {
    let (block, buffers, d) = (layout.blocks[layer], activations.blocks[layer], configuration.dModel)
    try device.layerNorm(
      LayerNorm(
        input: buffers.residPre, weight: parameter(block.ln1Weight), bias: parameter(block.ln1Bias),
        epsilon: configuration.epsilon, output: buffers.normalised1, statistics: buffers.statistics1,
        rows: batch.rows))
    let narrows = layer == configuration.layers - 1 && batch.selection == .live
    let (weight, bias) = (parameter(block.qkvWeight), parameter(block.qkvBias))
    let projected = narrows ? d..<3 * d : 0..<3 * d
    try device.matmul(
      Matmul(
        input: buffers.normalised1, weight: weight.columns(projected), bias: bias.columns(projected),
        output: buffers.qkv.columns(projected), rows: batch.rows))
    var (query, residual) = (buffers.qkv.columns(0..<d), buffers.residPre)
    if narrows {
      query = activations.queryOutput
      residual = activations.residPreOutput
      try gather(buffers.normalised1, into: activations.normalised1Output, batch)
      try gather(buffers.residPre, into: residual, batch)
      try device.matmul(
        Matmul(
          input: activations.normalised1Output, weight: weight.columns(0..<d), bias: bias.columns(0..<d),
          output: query, rows: batch.outputRows))
    }
    let rows = narrows ? batch.outputRows : batch.rows
    try hooks(.query(layer), query, rows)
    try hooks(.key(layer), buffers.qkv.columns(d..<2 * d), batch.rows)
    try hooks(.value(layer), buffers.qkv.columns(2 * d..<3 * d), batch.rows)
    try device.attention(
      Attention(
        query: query, key: buffers.qkv.columns(d..<2 * d), value: buffers.qkv.columns(2 * d..<3 * d),
        heads: configuration.heads, output: buffers.z, logSumExp: buffers.logSumExp,
        layout: narrows ? batch.outputAttention : batch.attention))
    try hooks(.z(layer), buffers.z, rows)
    try addToResidual(
      Matmul(
        input: buffers.z, weight: parameter(block.outputWeight), bias: parameter(block.outputBias),
        residual: residual, output: buffers.residMid, rows: rows),
      at: .attentionOut(layer), activations, hooks)
    try hooks(.residMid(layer), buffers.residMid, rows)
  }

  /// `output = residMid + W_out·GELU(W_in·LN2(residMid))`
  private func feedForward(
    _ layer: Int, _ rows: RowGroups, _ activations: Activations, _ output: Matrix, _ hooks: Hooks
  ) throws {
    let (block, buffers) = (layout.blocks[layer], activations.blocks[layer])
    try device.layerNorm(
      LayerNorm(
        input: buffers.residMid, weight: parameter(block.ln2Weight), bias: parameter(block.ln2Bias),
        epsilon: configuration.epsilon, output: buffers.normalised2, statistics: buffers.statistics2,
        rows: rows))
    try device.matmul(
      Matmul(
        input: buffers.normalised2, weight: parameter(block.mlpInWeight), bias: parameter(block.mlpInBias),
        preActivation: buffers.preActivation, output: buffers.postActivation, rows: rows))
    try hooks(.mlpPre(layer), buffers.preActivation, rows)
    try hooks(.mlpPost(layer), buffers.postActivation, rows)
    try addToResidual(
      Matmul(
        input: buffers.postActivation, weight: parameter(block.mlpOutWeight),
        bias: parameter(block.mlpOutBias), residual: buffers.residMid, output: output, rows: rows),
      at: .mlpOut(layer), activations, hooks)
  }

  /// A block's output projection with its residual addition in one pass; in two where a hook wants to see
  /// the output alone. Both give the same bits.
  private func addToResidual(
    _ fused: Matmul, at point: HookPoint, _ activations: Activations, _ hooks: Hooks
  ) throws {
    guard hooks.points.contains(point), let residual = fused.residual else {
      return try device.matmul(fused)
    }
    var alone = fused
    alone.residual = nil
    alone.output = activations.branch
    try device.matmul(alone)
    try hooks(point, activations.branch, fused.rows)
    try device.add(
      Add(left: activations.branch, right: residual, output: fused.output, count: fused.rows.extent))
  }

  private func unembed(_ batch: Batch, _ activations: Activations, _ hooks: Hooks) throws {
    try device.layerNorm(
      LayerNorm(
        input: activations.residFinal, weight: parameter(layout.lnFinalWeight),
        bias: parameter(layout.lnFinalBias), epsilon: configuration.epsilon,
        output: activations.normalisedFinal, statistics: activations.statisticsFinal,
        rows: batch.outputRows))
    try hooks(.finalNormalised, activations.normalisedFinal, batch.outputRows)
    try device.matmul(
      Matmul(
        input: activations.normalisedFinal, weight: parameter(layout.unembedding),
        bias: parameter(layout.unembeddingBias), output: activations.logits, rows: batch.outputRows))
  }

  private func crossEntropy(_ batch: Batch, _ activations: Activations, gradient: Matrix?) throws {
    try device.crossEntropy(
      CrossEntropy(
        logits: activations.logits, targets: batch.targets, rowWeight: Matrix(batch.rowWeights, columns: 1),
        rowLoss: activations.rowLoss, rowCorrect: activations.rowCorrect, logitsGradient: gradient,
        loss: Parameter(loss, rows: 1, columns: 1, offset: lossSlot, modelStride: Self.lossSlots),
        rows: batch.outputRows))
  }

  /// Rows of `batch.rows` to output rows.
  private func gather(_ input: Matrix, into output: Matrix, _ batch: Batch) throws {
    try device.gatherRows(
      GatherRows(
        input: input, indices: batch.outputIndices, output: output, count: batch.outputRows.extent))
  }
}
