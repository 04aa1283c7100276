import Compute

extension Transformer {
  /// Runs the batch to its loss: logits, row losses and correctness, and each model's mean loss.
  ///
  /// - Parameters:
  ///   - hooks: what to read or overwrite.
  ///   - slot: where the losses are stored, below `lossSlots`.
  ///   - end: the last hook that is needed. The forward ends with the step that computes it, without logits.
  package func forward(
    _ batch: Batch, hooks: Hooks = .none, lossSlot slot: Int = 0, through end: HookPoint? = nil
  ) throws {
    var capacity = batch.capacity(.nothing)
    let endsEarly = end.map { order.step(computing: $0) != nil } ?? false
    if endsEarly { capacity.outputRows = 0 }
    let activations = try activations(capacity)
    try ForwardPass(
      transformer: self, activations: activations, batch: batch, hooks: hooks, lossSlot: slot
    )
    .run(logitsGradient: nil, through: end)
  }
}

/// One forward, divided into the steps between which forks can happen.
struct ForwardPass {
  let transformer: Transformer
  let activations: Activations
  var batch: Batch
  var hooks: Hooks
  /// The slot for each model's loss.
  var lossSlot = 0
  /// Whether a backward follows, which needs the arguments of the MLPs' activations.
  var isKept = false

  var device: any Device { transformer.device }
  private var configuration: ModelConfiguration { transformer.configuration }

  /// - Parameters:
  ///   - logitsGradient: receives the loss gradient of the logits.
  ///   - start: where the forward begins.
  ///   - end: the forward ends with the step that computes this hook.
  func run(
    logitsGradient: Matrix?, from start: ForwardStart = .block(0), through end: HookPoint? = nil
  ) throws {
    switch start {
    case .block(0), .heads(0): try embed()
    case .block, .heads, .mlpOutput: break
    }
    let order = transformer.order
    let last = end.map(order.step(computing:)) ?? nil
    for (index, step) in order.steps.enumerated() where step.layer >= start.layer && index <= last ?? .max {
      if isKept, index > 0, order.steps[index - 1].layer < step.layer { try keepHalves(step.layer - 1) }
      switch (start, step.part) {
      case (.heads(step.layer), .attentionHeads): try enterWithHeads(step.layer)
      case (.mlpOutput(step.layer), .mlpOutput): try enterWithMLPOutput(step.layer)
      case (.mlpOutput(step.layer), _): break
      default: try compute(step)
      }
    }
    guard last == nil else { return }
    try unembed(logitsGradient: logitsGradient)
  }

  private func compute(_ step: ForwardStep) throws {
    switch step.part {
    case .attentionHeads: try attentionHeads(step.layer)
    case .attentionOutput: try attentionProjection(step.layer)
    case .mlpHidden: try feedForwardHidden(step.layer)
    case .mlpOutput: try feedForwardProjection(step.layer)
    }
  }

  /// Lets hooks write a block's input and the outputs of its heads.
  private func enterWithHeads(_ layer: Int) throws {
    activations.held = layer
    let buffers = activations.blocks[layer]
    try hooks(.residPre(layer), residual(entering: layer), batch.rows(entering: layer))
    if batch.narrows(layer, of: configuration) {
      try gather(buffers.residPre, into: activations.residPreOutput)
    }
    try hooks(.z(layer), buffers.z, rows(layer))
  }

  /// Lets hooks write the stream before a block's MLP and what the MLP adds to it.
  private func enterWithMLPOutput(_ layer: Int) throws {
    let (stream, rows) = (activations.blocks[layer].residMid, rows(layer))
    try hooks(.residMid(layer), stream, rows)
    try hooks(.mlpOut(layer), activations.branch, rows)
    let output = activations.output(ofBlock: layer)
    try device.add(Add(left: activations.branch, right: stream, output: output, count: rows.extent))
    try hooks(.residPost(layer), output, rows)
  }

  /// Computes again what the backward of a block reads, from the block's input, which has been kept.
  func recompute(_ layer: Int, from start: ForwardStart) throws {
    var pass = self
    // What these hooks wrote is in the kept input.
    pass.hooks.points.remove(.residPre(layer))
    if start == .heads(layer) { try pass.enterWithHeads(layer) } else { try pass.attentionHeads(layer) }
    try pass.attentionProjection(layer)
    try pass.feedForwardHidden(layer)
    guard let norm = transformer.mlpOutputNorm(layer, activations) else { return }
    try normalise(feedForwardProduct(layer), norm, into: activations.branch)
  }

  func embed() throws {
    try device.embedding(
      Embedding(
        tokens: batch.tokens, positions: batch.positions,
        tokenTable: transformer.parameter(transformer.layout.embedding),
        positionTable: transformer.layout.positions.map(transformer.parameter),
        output: residual(entering: 0), rows: batch.rows(entering: 0)))
    if let factor = configuration.architecture.embeddingScale {
      let stream = residual(entering: 0)
      try device.scale(
        Scale(input: stream, factor: factor, output: stream, count: batch.rows(entering: 0).extent))
    }
    if let inputs = batch.shared?.inputs {
      try inputs.rows.copy(
        residual(entering: 0), into: activations.blocks[0].residPre, on: device)
    }
  }

  /// `z = attention(LN1(residPre))`. In the last block of a live batch, queries and everything after them are
  /// computed at output rows only.
  func attentionHeads(_ layer: Int) throws {
    activations.held = layer
    let (attention, buffers) = (transformer.layout.blocks[layer].attention, activations.blocks[layer])
    let spec = transformer.layout.blocks[layer].spec.attention
    let width = spec.width
    let inputRows = batch.rows(entering: layer)
    try hooks(.residPre(layer), residual(entering: layer), inputRows)
    try normaliseAttentionInput(layer)
    let narrows = batch.narrows(layer, of: configuration)
    let projection = attention.queryKeyValue
    let (weight, bias) = (
      transformer.parameter(projection.weight), projection.bias.map(transformer.parameter)
    )
    func project(_ input: Matrix, _ columns: Range<Int>, into output: Matrix, _ rows: RowGroups) throws {
      try device.matmul(
        Matmul(
          input: input, weight: weight.columns(columns), bias: bias?.columns(columns), output: output,
          rows: rows))
    }
    let projected = narrows ? width..<3 * width : 0..<3 * width
    if let kept = buffers.headNorms {
      let normalised = projected.lowerBound..<2 * width
      try project(buffers.normalised1, normalised, into: kept.arguments.columns(normalised), inputRows)
      try project(
        buffers.normalised1, 2 * width..<3 * width, into: buffers.qkv.columns(2 * width..<3 * width),
        inputRows)
      if !narrows { try normaliseQueries(layer, kept.arguments, into: buffers.qkv, inputRows) }
      try normaliseKeys(layer, kept.arguments, into: buffers.qkv, inputRows)
    } else {
      try project(buffers.normalised1, projected, into: buffers.qkv.columns(projected), inputRows)
    }
    var query = buffers.qkv.columns(0..<width)
    if narrows {
      query = activations.queryOutput
      try gather(buffers.normalised1, into: activations.normalised1Output)
      try gather(buffers.residPre, into: activations.residPreOutput)
      let argument = activations.queryOutputArgument
      try project(activations.normalised1Output, 0..<width, into: argument ?? query, batch.outputRows)
      if let argument { try normaliseQueries(layer, argument, into: query, batch.outputRows) }
    }
    try hooks(.query(layer), query, narrows ? batch.outputRows : inputRows)
    try hooks(.key(layer), buffers.qkv.columns(width..<2 * width), inputRows)
    try hooks(.value(layer), buffers.qkv.columns(2 * width..<3 * width), inputRows)
    let keys = buffers.keys(of: batch)
    if let shared = batch.shared {
      if let copies = buffers.sharedKeys {
        try shared.keys(ofBlock: layer).copy(
          buffers.qkv.columns(width..<3 * width), into: copies, on: device)
      }
      if layer == 0, let inputs = shared.inputs, let first = activations.shared?.firstQuery {
        try inputs.rows.copy(query, into: first, on: device)
        query = first
      }
    }
    try transformer.rotate(query: query, key: keys.columns(0..<width), layer, batch)
    try attend(layer, query)
    try hooks(.z(layer), buffers.z, rows(layer))
  }

  /// - Parameter query: the queries, rotated like the keys if they are.
  func attend(_ layer: Int, _ query: Matrix) throws {
    let (spec, buffers) = (transformer.layout.blocks[layer].spec.attention, activations.blocks[layer])
    let (width, keys) = (spec.width, buffers.keys(of: batch))
    try device.attention(
      Attention(
        query: query, key: keys.columns(0..<width), value: keys.columns(width..<2 * width), heads: spec.heads,
        output: buffers.z, logSumExp: buffers.logSumExp,
        layout: batch.attention(layer, of: configuration), keyRows: batch.keyRows(layer), scores: spec.scores)
    )
  }

  func normaliseAttentionInput(_ layer: Int) throws {
    let buffers = activations.blocks[layer]
    try norm(
      transformer.layout.blocks[layer].attention.norm, residual(entering: layer), into: buffers.normalised1,
      statistics: buffers.statistics1, rows: batch.rows(entering: layer))
  }

  /// `residMid = residPre + W_O·z`, or the norm of W_O·z
  func attentionProjection(_ layer: Int) throws {
    let buffers = activations.blocks[layer]
    let output = transformer.layout.blocks[layer].attention.output
    try addToResidual(
      Matmul(
        input: buffers.z, weight: transformer.parameter(output.weight),
        bias: output.bias.map(transformer.parameter), residual: narrowed(entering: layer),
        output: buffers.residMid,
        rows: rows(layer)),
      transformer.attentionOutputNorm(layer, activations), at: .attentionOut(layer))
    try hooks(.residMid(layer), buffers.residMid, rows(layer))
  }

  /// `residPost = residMid + W_out·GELU(W_in·LN2(residMid))`; in parallel blocks the norm reads `residPre`.
  func feedForward(_ layer: Int) throws {
    try feedForwardHidden(layer)
    try feedForwardProjection(layer)
  }

  private func feedForwardHidden(_ layer: Int) throws {
    let (block, buffers) = (transformer.layout.blocks[layer], activations.blocks[layer])
    let (mlp, rows) = (block.mlp, rows(layer))
    let spec = block.spec.mlp
    let keepsPreActivation = isKept || hooks.points.contains(.mlpPre(layer))
    try normaliseMLPInput(layer)
    var product = Matmul(
      input: buffers.normalised2, weight: transformer.parameter(mlp.input.weight),
      bias: mlp.input.bias.map(transformer.parameter), output: buffers.preActivation, rows: rows)
    if spec.isFused {
      product.activation = spec.activation
      product.preActivation = keepsPreActivation ? buffers.preActivation : nil
      product.output = buffers.postActivation
    }
    try device.matmul(product)
    if !spec.isFused { try activate(layer) }
    try hooks(.mlpPre(layer), buffers.gateInput(spec), rows)
    try hooks(.mlpPost(layer), buffers.postActivation, rows)
  }

  func normaliseMLPInput(_ layer: Int) throws {
    let buffers = activations.blocks[layer]
    try norm(
      transformer.layout.blocks[layer].mlp.norm, mlpInput(layer), into: buffers.normalised2,
      statistics: buffers.statistics2, rows: rows(layer))
  }

  /// The activation of an MLP, and the product with the factors of a gated one.
  func activate(_ layer: Int) throws {
    let (spec, buffers) = (transformer.layout.blocks[layer].spec.mlp, activations.blocks[layer])
    try device.gate(
      Gate(
        input: buffers.gateInput(spec), factor: buffers.gateFactor(spec), activation: spec.activation,
        output: buffers.postActivation, count: rows(layer).extent))
  }

  private func feedForwardProjection(_ layer: Int) throws {
    try addToResidual(
      feedForwardProduct(layer), transformer.mlpOutputNorm(layer, activations), at: .mlpOut(layer))
    try hooks(.residPost(layer), activations.output(ofBlock: layer), rows(layer))
  }

  /// The second product of an MLP, added to the residual stream.
  private func feedForwardProduct(_ layer: Int) -> Matmul {
    let (mlp, buffers) = (transformer.layout.blocks[layer].mlp, activations.blocks[layer])
    return Matmul(
      input: buffers.postActivation, weight: transformer.parameter(mlp.output.weight),
      bias: mlp.output.bias.map(transformer.parameter), residual: buffers.residMid,
      output: activations.output(ofBlock: layer), rows: rows(layer))
  }

  /// Logits, losses and correctness at output rows.
  func unembed(logitsGradient: Matrix?) throws {
    let (layout, rows) = (transformer.layout, batch.outputRows)
    try norm(
      layout.finalNorm, activations.residFinal, into: activations.normalisedFinal,
      statistics: activations.statisticsFinal, rows: rows)
    try hooks(.finalNormalised, activations.normalisedFinal, rows)
    if let unembedding = layout.unembedding {
      try device.matmul(
        Matmul(
          input: activations.normalisedFinal, weight: transformer.parameter(unembedding.weight),
          bias: unembedding.bias.map(transformer.parameter), output: activations.logits, rows: rows))
    } else {
      // A product with the transposed embedding is what the input gradient of a product computes.
      try device.matmulInputGradient(
        MatmulInputGradient(
          outputGradient: activations.normalisedFinal, weight: transformer.parameter(layout.embedding),
          inputGradient: activations.logits, rows: rows))
    }
    if let cap = configuration.architecture.logitCap {
      let logits = activations.logits
      try device.softCap(SoftCap(input: logits, cap: cap, output: logits, count: rows.extent))
    }
    try device.crossEntropy(
      CrossEntropy(
        logits: activations.logits, targets: batch.targets, rowWeight: Matrix(batch.rowWeights, columns: 1),
        rowLoss: activations.rowLoss, rowCorrect: activations.rowCorrect, logitsGradient: logitsGradient,
        loss: try transformer.losses(inSlot: lossSlot), rows: rows))
  }

  func norm(
    _ norm: ParameterLayout.Norm, _ input: Matrix, into output: Matrix, statistics: Matrix, rows: RowGroups
  ) throws {
    try device.layerNorm(
      LayerNorm(
        input: input, weight: transformer.parameter(norm.weight), bias: norm.bias.map(transformer.parameter),
        kind: configuration.architecture.norm, epsilon: configuration.epsilon, output: output,
        statistics: statistics, rows: rows))
  }

  /// [rows entering the block, d_model]
  private func residual(entering layer: Int) -> Matrix {
    let stream = activations.blocks[layer].residPre
    return layer == 0 && batch.shared?.inputs != nil ? activations.shared?.inputs ?? stream : stream
  }

  /// The block's input at the rows after its keys and values.
  private func narrowed(entering layer: Int) -> Matrix {
    batch.narrows(layer, of: configuration) ? activations.residPreOutput : activations.blocks[layer].residPre
  }

  /// What the norm of a block's MLP reads.
  private func mlpInput(_ layer: Int) -> Matrix {
    activations.mlpInput(
      layer, configuration.block.arrangement, narrows: batch.narrows(layer, of: configuration))
  }

  /// The rows of a block after its keys and values.
  private func rows(_ layer: Int) -> RowGroups {
    batch.narrows(layer, of: configuration) ? batch.outputRows : batch.rows
  }

  /// The output projection of a branch with its residual addition: in one pass, or in two if a hook needs the
  /// output alone, or a norm comes between them. Without a norm both give the same bits.
  private func addToResidual(_ fused: Matmul, _ outputNorm: OutputNorm?, at point: HookPoint) throws {
    guard let residual = fused.residual, outputNorm != nil || hooks.points.contains(point) else {
      return try device.matmul(fused)
    }
    if let outputNorm {
      try normalise(fused, outputNorm, into: activations.branch)
    } else {
      var alone = fused
      alone.residual = nil
      alone.output = activations.branch
      try device.matmul(alone)
    }
    try hooks(point, activations.branch, fused.rows)
    try device.add(
      Add(left: activations.branch, right: residual, output: fused.output, count: fused.rows.extent))
  }

  /// Gathers output rows from the rows of `batch.rows`.
  private func gather(_ input: Matrix, into output: Matrix) throws {
    try device.gatherRows(
      GatherRows(
        input: input, indices: batch.outputIndices, output: output, count: batch.outputRows.extent))
  }
}
