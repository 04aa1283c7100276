import Compute

extension Transformer {
  /// Runs the batch to its loss: logits, row losses and correctness, and each model's mean loss.
  ///
  /// - Parameters:
  ///   - hooks: what to read or overwrite on the way.
  ///   - end: the last point anybody looks at: the forward ends with the step that computes it, without logits.
  package func forward(_ batch: Batch, hooks: Hooks = .none, through end: HookPoint? = nil) throws {
    let activations = try activations(
      rows: batch.extent, keepsBlocks: false, sharesRows: batch.shared != nil)
    try ForwardPass(transformer: self, activations: activations, batch: batch, hooks: hooks)
      .run(logitsGradient: nil, through: end)
  }
}

/// One forward, in the steps a fork can come between.
struct ForwardPass {
  let transformer: Transformer
  let activations: Activations
  var batch: Batch
  let hooks: Hooks
  /// Whether a backward follows, which asks for what went into the GELUs.
  var isKept = false

  private var device: any Device { transformer.device }
  private var configuration: ModelConfiguration { transformer.configuration }

  /// - Parameters:
  ///   - logitsGradient: receives the loss gradient of the logits.
  ///   - first: the first block computed; above 0 a hook at its `.residPre` writes what goes in.
  ///   - end: the step that computes it is the last.
  func run(logitsGradient: Matrix?, from first: Int = 0, through end: HookPoint? = nil) throws {
    if first == 0 { try embed() }
    let last = end?.step ?? .max
    let steps = [attentionHeads, attentionProjection, feedForwardHidden, feedForwardProjection]
    for layer in first..<configuration.layers {
      for (index, step) in steps.enumerated() where layer * steps.count + index <= last { try step(layer) }
    }
    guard last == .max else { return }
    try unembed(logitsGradient: logitsGradient)
  }

  func embed() throws {
    try device.embedding(
      Embedding(
        tokens: batch.tokens, positions: batch.positions,
        tokenTable: transformer.parameter(transformer.layout.embedding),
        positionTable: transformer.layout.positions.map(transformer.parameter),
        output: residual(entering: 0), rows: batch.rows(entering: 0)))
    if let shared = batch.shared {
      try shared.rowsOfInputs.copy(
        residual(entering: 0), into: activations.blocks[0].residPre, on: device)
    }
  }

  /// `z = attention(LN1(residPre))`. In the last block of a live batch, queries are computed at output rows only,
  /// and so is all that follows.
  func attentionHeads(_ layer: Int) throws {
    let (block, buffers) = (transformer.layout.blocks[layer], activations.blocks[layer])
    let d = configuration.dModel
    let (input, inputRows) = (residual(entering: layer), batch.rows(entering: layer))
    try hooks(.residPre(layer), input, inputRows)
    try device.layerNorm(
      LayerNorm(
        input: input, weight: transformer.parameter(block.ln1Weight),
        bias: transformer.parameter(block.ln1Bias), epsilon: configuration.epsilon,
        output: buffers.normalised1, statistics: buffers.statistics1, rows: inputRows))
    let narrows = batch.narrows(layer, of: configuration)
    let (weight, bias) = (transformer.parameter(block.qkvWeight), transformer.parameter(block.qkvBias))
    let projected = narrows ? d..<3 * d : 0..<3 * d
    try device.matmul(
      Matmul(
        input: buffers.normalised1, weight: weight.columns(projected), bias: bias.columns(projected),
        output: buffers.qkv.columns(projected), rows: inputRows))
    var query = buffers.qkv.columns(0..<d)
    if narrows {
      query = activations.queryOutput
      try gather(buffers.normalised1, into: activations.normalised1Output)
      try gather(buffers.residPre, into: activations.residPreOutput)
      try device.matmul(
        Matmul(
          input: activations.normalised1Output, weight: weight.columns(0..<d), bias: bias.columns(0..<d),
          output: query, rows: batch.outputRows))
    }
    try hooks(.query(layer), query, narrows ? batch.outputRows : inputRows)
    try hooks(.key(layer), buffers.qkv.columns(d..<2 * d), inputRows)
    try hooks(.value(layer), buffers.qkv.columns(2 * d..<3 * d), inputRows)
    let keys = buffers.keys(of: batch)
    if let shared = batch.shared {
      try shared.keys(ofBlock: layer).copy(buffers.qkv.columns(d..<3 * d), into: keys, on: device)
      if layer == 0, let first = activations.shared?.firstQuery {
        try shared.rowsOfInputs.copy(query, into: first, on: device)
        query = first
      }
    }
    try transformer.rotate(query: query, key: keys.columns(0..<d), layer, batch)
    try device.attention(
      Attention(
        query: query, key: keys.columns(0..<d), value: keys.columns(d..<2 * d), heads: configuration.heads,
        output: buffers.z, logSumExp: buffers.logSumExp,
        layout: batch.attention(layer, of: configuration)))
    try hooks(.z(layer), buffers.z, rows(layer))
  }

  /// `residMid = residPre + W_O·z`
  func attentionProjection(_ layer: Int) throws {
    let (block, buffers) = (transformer.layout.blocks[layer], activations.blocks[layer])
    try addToResidual(
      Matmul(
        input: buffers.z, weight: transformer.parameter(block.outputWeight),
        bias: transformer.parameter(block.outputBias),
        residual: batch.narrows(layer, of: configuration) ? activations.residPreOutput : buffers.residPre,
        output: buffers.residMid,
        rows: rows(layer)),
      at: .attentionOut(layer))
    try hooks(.residMid(layer), buffers.residMid, rows(layer))
  }

  /// `residPost = residMid + W_out·GELU(W_in·LN2(residMid))`
  func feedForward(_ layer: Int) throws {
    try feedForwardHidden(layer)
    try feedForwardProjection(layer)
  }

  private func feedForwardHidden(_ layer: Int) throws {
    let (block, buffers) = (transformer.layout.blocks[layer], activations.blocks[layer])
    let rows = rows(layer)
    let keepsPreActivation = isKept || hooks.points.contains(.mlpPre(layer))
    try device.layerNorm(
      LayerNorm(
        input: buffers.residMid, weight: transformer.parameter(block.ln2Weight),
        bias: transformer.parameter(block.ln2Bias), epsilon: configuration.epsilon,
        output: buffers.normalised2, statistics: buffers.statistics2, rows: rows))
    try device.matmul(
      Matmul(
        input: buffers.normalised2, weight: transformer.parameter(block.mlpInWeight),
        bias: transformer.parameter(block.mlpInBias), activation: .gelu,
        preActivation: keepsPreActivation ? buffers.preActivation : nil,
        output: buffers.postActivation, rows: rows))
    try hooks(.mlpPre(layer), buffers.preActivation, rows)
    try hooks(.mlpPost(layer), buffers.postActivation, rows)
  }

  private func feedForwardProjection(_ layer: Int) throws {
    let (block, buffers) = (transformer.layout.blocks[layer], activations.blocks[layer])
    let (rows, output) = (rows(layer), activations.output(ofBlock: layer))
    try addToResidual(
      Matmul(
        input: buffers.postActivation, weight: transformer.parameter(block.mlpOutWeight),
        bias: transformer.parameter(block.mlpOutBias), residual: buffers.residMid, output: output,
        rows: rows),
      at: .mlpOut(layer))
    try hooks(.residPost(layer), output, rows)
  }

  /// Logits, losses and correctness at output rows.
  func unembed(logitsGradient: Matrix?) throws {
    let (layout, rows) = (transformer.layout, batch.outputRows)
    try device.layerNorm(
      LayerNorm(
        input: activations.residFinal, weight: transformer.parameter(layout.lnFinalWeight),
        bias: transformer.parameter(layout.lnFinalBias), epsilon: configuration.epsilon,
        output: activations.normalisedFinal, statistics: activations.statisticsFinal, rows: rows))
    try hooks(.finalNormalised, activations.normalisedFinal, rows)
    try device.matmul(
      Matmul(
        input: activations.normalisedFinal, weight: transformer.parameter(layout.unembedding),
        bias: transformer.parameter(layout.unembeddingBias), output: activations.logits, rows: rows))
    try device.crossEntropy(
      CrossEntropy(
        logits: activations.logits, targets: batch.targets, rowWeight: Matrix(batch.rowWeights, columns: 1),
        rowLoss: activations.rowLoss, rowCorrect: activations.rowCorrect, logitsGradient: logitsGradient,
        loss: transformer.lossParameter, rows: rows))
  }

  /// [rows entering the block, d_model]
  private func residual(entering layer: Int) -> Matrix {
    let stream = activations.blocks[layer].residPre
    return layer == 0 && batch.shared != nil ? activations.shared?.inputs ?? stream : stream
  }

  /// The rows of a block after its keys and values.
  private func rows(_ layer: Int) -> RowGroups {
    batch.narrows(layer, of: configuration) ? batch.outputRows : batch.rows
  }

  /// A block's output projection with its residual addition in one pass; in two where a hook wants to see
  /// the output alone. Both give the same bits.
  private func addToResidual(_ fused: Matmul, at point: HookPoint) throws {
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

  /// Rows of `batch.rows` to output rows.
  private func gather(_ input: Matrix, into output: Matrix) throws {
    try device.gatherRows(
      GatherRows(
        input: input, indices: batch.outputIndices, output: output, count: batch.outputRows.extent))
  }
}
