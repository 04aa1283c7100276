import Compute

/// The parameters whose gradients a backward computes.
package enum GradientRequest: Sendable {
  case all
  /// Those that gradient scores read: every block's value projection and second MLP matrix.
  case scores
  /// None: only the gradients of activations, which gradient hooks read.
  case none
}

extension Transformer {
  /// Forward and backward: each model's mean loss over its target rows, and its gradients.
  ///
  /// - Parameters:
  ///   - hooks: what to read or overwrite in the forward.
  ///   - gradientHooks: what to read or overwrite in the backward: the loss gradients of z and of the
  ///     branches' outputs.
  ///   - lossSlot: where the losses are stored, below `lossSlots`.
  package func computeGradients(
    _ batch: Batch, _ request: GradientRequest = .all, hooks: Hooks = .none, gradientHooks: Hooks = .none,
    lossSlot: Int = 0
  ) throws {
    try backward(
      try keptForward(batch, hooks: hooks, lossSlot: lossSlot), request, gradientHooks: gradientHooks)
  }
}

/// One backward. Each step turns the gradient of its output, in `scratch.resid`, into the gradient of its
/// input.
struct BackwardPass {
  let transformer: Transformer
  let batch: Batch
  let activations: Activations
  let scratch: Gradients
  let gradients: ParameterStore
  /// [output rows, vocabulary]
  let logitsGradient: Matrix
  let request: GradientRequest
  let rule: BackwardRule
  let hooks: Hooks
  /// What is differentiated. The backward ends at its first block.
  let forward: KeptForward
  let factors: ((GradientFactors) throws -> Void)?
  /// Shown the gradient of every input of a batch of all rows.
  let inputs: ((InputGradient) throws -> Void)?

  var device: any Device { transformer.device }
  private var layout: ParameterLayout { transformer.layout }

  private func parameter(_ tensor: ParameterLayout.Tensor) -> Parameter { transformer.parameter(tensor) }
  func gradient(_ tensor: ParameterLayout.Tensor) -> Parameter { gradients.parameter(tensor) }
  private var firstLayer: Int { forward.start.layer }
  func narrows(_ layer: Int) -> Bool { batch.narrows(layer, of: transformer.configuration) }

  func run() throws {
    try unembedding()
    for layer in (firstLayer..<transformer.configuration.layers).reversed() {
      if forward.start == .mlpOutput(layer) { return try mlpOutput(layer) }
      try bringBack(layer)
      for branch in layout.blocks[layer].spec.branches.reversed() {
        switch branch.kind {
        case .attention: try attention(layer)
        case .mlp: try feedForward(layer)
        }
      }
    }
    try embedding()
  }

  /// Brings back the activations of a block, unless they are still in their buffers.
  private func bringBack(_ layer: Int) throws {
    guard activations.sharesBuffers, activations.held != layer else { return }
    let pass = ForwardPass(
      transformer: transformer, activations: activations, batch: batch, hooks: forward.hooks, isKept: true)
    if activations.halves == nil {
      try pass.recompute(layer, from: forward.start)
    } else {
      try pass.restoreHalves(layer)
    }
  }

  /// Shows the gradient of what the MLP of a block wrote, where the forward began with that.
  private func mlpOutput(_ layer: Int) throws {
    _ = try branchGradient(.mlpOut(layer), scratch.resid, narrows(layer) ? batch.outputRows : batch.rows)
  }

  private func unembedding() throws {
    let rows = batch.outputRows
    let logitsGradient = try uncapped()
    if let unembedding = layout.unembedding {
      if request == .all {
        try device.matmulWeightGradient(
          MatmulWeightGradient(
            input: activations.normalisedFinal, outputGradient: logitsGradient,
            weightGradient: gradient(unembedding.weight), biasGradient: unembedding.bias.map(gradient),
            rows: rows))
      }
      try device.matmulInputGradient(
        MatmulInputGradient(
          outputGradient: logitsGradient, weight: parameter(unembedding.weight),
          inputGradient: scratch.normalised, rows: rows))
    } else {
      try tiedUnembedding(logitsGradient)
    }
    try layerNorm(
      input: activations.residFinal, statistics: activations.statisticsFinal,
      norm: layout.finalNorm, residual: nil, output: scratch.resid,
      rows: rows)
    try inputs?(
      InputGradient(
        site: .residual(transformer.configuration.layers), gradient: scratch.resid, rows: rows))
  }

  /// The gradient of logits before their cap, if they have one.
  private func uncapped() throws -> Matrix {
    guard let cap = transformer.configuration.architecture.logitCap, let uncapped = scratch.uncappedLogits
    else { return logitsGradient }
    try device.softCapBackward(
      SoftCapBackward(
        output: activations.logits, cap: cap, outputGradient: logitsGradient, inputGradient: uncapped,
        count: batch.outputRows.extent))
    return uncapped
  }

  /// Logits are the normalised stream times the transposed embedding. The embedding's own gradient is added later.
  private func tiedUnembedding(_ logitsGradient: Matrix) throws {
    if request == .all {
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: logitsGradient, outputGradient: activations.normalisedFinal,
          weightGradient: gradient(layout.embedding), rows: batch.outputRows))
    }
    try device.matmul(
      Matmul(
        input: logitsGradient, weight: parameter(layout.embedding), output: scratch.normalised,
        rows: batch.outputRows))
  }

  private func feedForward(_ layer: Int) throws {
    let (mlp, buffers) = (layout.blocks[layer].mlp, activations.blocks[layer])
    let spec = layout.blocks[layer].spec
    let input = activations.mlpInput(layer, spec.arrangement, narrows: narrows(layer))
    let rows = narrows(layer) ? batch.outputRows : batch.rows
    let output = try productGradient(
      transformer.mlpOutputNorm(layer, activations),
      branchGradient(.mlpOut(layer), scratch.resid, rows), rows)
    try factors?(
      GradientFactors(
        weight: .mlpOut(layer), input: buffers.postActivation, outputGradient: output, rows: rows))
    if request != .none {
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: buffers.postActivation, outputGradient: output,
          weightGradient: gradient(mlp.output.weight),
          biasGradient: request == .all ? mlp.output.bias.map(gradient) : nil, rows: rows))
    }
    try hiddenGradient(layer, output, rows)
    if request == .all {
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: buffers.normalised2, outputGradient: scratch.preActivation,
          weightGradient: gradient(mlp.input.weight), biasGradient: mlp.input.bias.map(gradient), rows: rows))
    }
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: scratch.preActivation, weight: parameter(mlp.input.weight),
        inputGradient: scratch.normalised, rows: rows))
    try showInput(.input(.mlp(layer: layer), .mlp), input, buffers.statistics2, mlp.norm)
    try layerNorm(
      input: input, statistics: buffers.statistics2, norm: mlp.norm, residual: scratch.resid,
      output: scratch.residMid, rows: rows)
  }

  /// The gradient of the arguments of the MLP's activation, and of the factors of a gated one, from that of its output.
  private func hiddenGradient(_ layer: Int, _ output: Matrix, _ rows: RowGroups) throws {
    let (mlp, buffers) = (layout.blocks[layer].mlp, activations.blocks[layer])
    let spec = layout.blocks[layer].spec.mlp
    let isFused = spec.isFused && rule == .gradient
    let hidden = scratch.hidden ?? scratch.preActivation
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: output, weight: parameter(mlp.output.weight),
        preActivation: isFused ? buffers.preActivation : nil, inputGradient: hidden, rows: rows))
    guard !isFused else { return }
    let isGated = scratch.hidden != nil
    try device.gateBackward(
      GateBackward(
        input: buffers.gateInput(spec), factor: buffers.gateFactor(spec), activation: spec.activation,
        rule: rule, outputGradient: hidden, inputGradient: scratch.preActivation.columns(0..<spec.width),
        factorGradient: isGated ? scratch.preActivation.columns(spec.width..<spec.inputWidth) : nil,
        count: rows.extent))
  }

  private func attention(_ layer: Int) throws {
    let (attention, buffers) = (layout.blocks[layer].attention, activations.blocks[layer])
    let projection = attention.queryKeyValue
    let width = layout.blocks[layer].spec.attention.width
    let narrows = narrows(layer)
    let rows = narrows ? batch.outputRows : batch.rows
    // In parallel blocks `residMid` already has the gradient that came through the MLP, which belongs to the block's input.
    let isParallel = layout.blocks[layer].spec.arrangement == .parallel
    let output = try productGradient(
      transformer.attentionOutputNorm(layer, activations),
      branchGradient(.attentionOut(layer), isParallel ? scratch.resid : scratch.residMid, rows), rows)
    if request == .all {
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: buffers.z, outputGradient: output, weightGradient: gradient(attention.output.weight),
          biasGradient: attention.output.bias.map(gradient), rows: rows))
    }
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: output, weight: parameter(attention.output.weight), inputGradient: scratch.z,
        rows: rows))
    try hooks(.z(layer), scratch.z, rows)
    // Below the heads of the first block, or their values, there may be nothing left to compute. A forward that began with them has nothing below.
    if layer == firstLayer, request == .none, factors == nil, inputs == nil { return }
    let queryGradient = narrows ? scratch.queryOutput : scratch.qkv.columns(0..<width)
    try attentionBackward(layer, queryGradient)
    if rule == .relevance { try holdPattern(layer, queryGradient) }
    try headNormGradients(layer, queryGradient)
    try showInputs(ofHeads: layer)
    let inputRows = batch.rows(entering: layer)
    try factors?(
      GradientFactors(
        weight: .value(layer), input: buffers.normalised1,
        outputGradient: scratch.qkv.columns(2 * width..<3 * width), rows: inputRows))
    if request != .all {
      if request == .scores {
        try projectionGradient(projection, buffers.normalised1, scratch.qkv, 2 * width..<3 * width, inputRows)
      }
      if layer == firstLayer { return }
    } else if narrows {
      try projectionGradient(projection, buffers.normalised1, scratch.qkv, width..<3 * width, inputRows)
      try projectionGradient(projection, activations.normalised1Output, queryGradient, 0..<width, rows)
    } else {
      try projectionGradient(projection, buffers.normalised1, scratch.qkv, 0..<3 * width, inputRows)
    }
    let projected = narrows ? width..<3 * width : 0..<3 * width
    try device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: scratch.qkv.columns(projected),
        weight: parameter(projection.weight).columns(projected), inputGradient: scratch.normalised,
        rows: inputRows))
    if narrows {
      try device.matmulInputGradient(
        MatmulInputGradient(
          outputGradient: queryGradient, weight: parameter(projection.weight).columns(0..<width),
          inputGradient: scratch.normalised1Output, rows: rows))
      try scatter(scratch.normalised1Output, into: scratch.normalised)
    }
    var (input, residual) = (buffers.residPre, scratch.residMid)
    if layer == 0, let shared = batch.shared?.inputs, let inputs = activations.shared?.inputs,
      let gradient = scratch.shared?.inputs
    {
      try shared.rows.sum(scratch.residMid, into: gradient, on: device)
      (input, residual) = (inputs, gradient)
    }
    try layerNorm(
      input: input, statistics: buffers.statistics1, norm: attention.norm,
      residual: narrows ? nil : residual, output: scratch.resid, rows: inputRows)
    if narrows { try scatter(scratch.residMid, into: scratch.resid) }
  }

  /// Computes the gradients of queries, and of the keys and values of the rows that enter the block, from
  /// that of z.
  private func attentionBackward(_ layer: Int, _ queryGradient: Matrix) throws {
    let (spec, buffers) = (layout.blocks[layer].spec.attention, activations.blocks[layer])
    let (width, narrows) = (spec.width, narrows(layer))
    let keys = buffers.keys(of: batch)
    let keyGradient = scratch.qkv.columns(width..<3 * width)
    var operation = AttentionBackward(
      query: narrows ? activations.queryOutput : buffers.qkv.columns(0..<width), key: keys.columns(0..<width),
      value: keys.columns(width..<2 * width), heads: spec.heads, output: buffers.z,
      logSumExp: buffers.logSumExp, outputGradient: scratch.z, queryGradient: queryGradient,
      keyGradient: keyGradient.columns(0..<width), valueGradient: keyGradient.columns(width..<2 * width),
      layout: batch.attention(layer, of: transformer.configuration), keyRows: batch.keyRows(layer),
      scores: spec.scores)
    func run() throws {
      try device.attentionBackward(operation)
      try transformer.rotate(
        query: operation.queryGradient, key: operation.keyGradient, layer, batch, isInverse: true)
    }
    guard let shared = batch.shared, let sharedKeys = scratch.sharedKeys else { return try run() }
    operation.keyGradient = sharedKeys.columns(0..<width)
    operation.valueGradient = sharedKeys.columns(width..<2 * width)
    let inputs = layer == 0 ? shared.inputs : nil
    if inputs != nil, let query = activations.shared?.firstQuery, let gradient = scratch.shared?.firstQuery {
      (operation.query, operation.queryGradient) = (query, gradient)
    }
    try run()
    try shared.keys(ofBlock: layer).sum(sharedKeys, into: keyGradient, on: device)
    try inputs?.rows.sum(operation.queryGradient, into: queryGradient, on: device)
  }

  /// Lets nothing pass to queries and keys: the pattern of attention counts as a constant.
  private func holdPattern(_ layer: Int, _ queryGradient: Matrix) throws {
    let width = layout.blocks[layer].spec.attention.width
    let source = try transformer.ignoredGradient(width: 1).buffer
    for (target, rows) in [
      (queryGradient, narrows(layer) ? batch.outputRows : batch.rows(entering: layer)),
      (scratch.qkv.columns(width..<2 * width), batch.rows(entering: layer)),
    ] where rows.extent > 0 {
      let all = Replacement(rows: 0..<rows.extent, columns: 0..<width, sourceOffset: nil)
      try device.replaceRows(ReplaceRows(target: target, source: source, replacements: [all]))
    }
  }

  private func embedding() throws {
    guard request == .all, firstLayer == 0 else { return }
    if let factor = transformer.configuration.architecture.embeddingScale {
      try device.scale(
        Scale(
          input: scratch.resid, factor: factor, output: scratch.resid, count: batch.rows(entering: 0).extent))
    }
    let table = gradient(layout.embedding)
    let own = layout.unembedding == nil ? try transformer.tiedGradient() : table
    try device.embeddingBackward(
      EmbeddingBackward(
        tokens: batch.tokens, positions: batch.positions, outputGradient: scratch.resid,
        tokenTableGradient: own, positionTableGradient: layout.positions.map(gradient),
        rows: batch.rows(entering: 0)))
    guard layout.unembedding == nil else { return }
    for model in Set(batch.rows.groups.map(\.model)).sorted() {
      let sum = table.matrix(ofModel: model)
      try device.add(Add(left: sum, right: own.matrix(ofModel: model), output: sum, count: table.rows))
    }
  }

  /// The gradient of a branch's output. If a hook reads it, it gets a copy, because it may change this
  /// gradient but not that of the residual stream.
  private func branchGradient(_ point: HookPoint, _ resid: Matrix, _ rows: RowGroups) throws -> Matrix {
    guard hooks.points.contains(point) else { return resid }
    try device.copy(
      from: resid.buffer, 0..<rows.extent * resid.columns, to: scratch.branch.buffer, at: 0)
    try hooks(point, scratch.branch, rows)
    return scratch.branch
  }

  /// The gradients of some columns of the query, key and value projections. `output` is the gradient of all
  /// columns, or only of these.
  private func projectionGradient(
    _ projection: ParameterLayout.Linear, _ input: Matrix, _ output: Matrix, _ columns: Range<Int>,
    _ rows: RowGroups
  ) throws {
    try device.matmulWeightGradient(
      MatmulWeightGradient(
        input: input, outputGradient: output.columns == columns.count ? output : output.columns(columns),
        weightGradient: gradient(projection.weight).columns(columns),
        biasGradient: request == .all ? projection.bias.map { gradient($0).columns(columns) } : nil,
        rows: rows))
  }

  /// Computes the gradient of a norm's input from that of its output, which is `scratch.normalised` where nil is given.
  func layerNorm(
    input: Matrix, statistics: Matrix, norm: ParameterLayout.Norm, outputGradient: Matrix? = nil,
    residual: Matrix?, output: Matrix, rows: RowGroups
  ) throws {
    let backward = LayerNormBackward(
      input: input, weight: parameter(norm.weight), kind: transformer.configuration.architecture.norm,
      rule: rule, statistics: statistics, outputGradient: outputGradient ?? scratch.normalised,
      residualGradient: residual,
      inputGradient: output, rows: rows)
    guard request == .all else { return try device.layerNormBackward(backward) }
    try device.layerNormGradients(
      LayerNormGradients(
        backward, weightGradient: gradient(norm.weight),
        biasGradient: try norm.bias.map(gradient) ?? transformer.ignoredGradient(width: input.columns)))
  }

  /// Adds output rows to their places among `batch.rows`.
  private func scatter(_ input: Matrix, into output: Matrix) throws {
    try device.scatterRows(
      ScatterRows(
        input: input, indices: batch.outputIndices, output: output, count: batch.outputRows.extent))
  }
}

extension Parameter {
  /// The tensor of one model as a matrix.
  fileprivate func matrix(ofModel model: Int) -> Matrix {
    Matrix(buffer, columns: columns, offset: offset + model * modelStride, stride: stride)
  }
}
