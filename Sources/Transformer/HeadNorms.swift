import Compute

// The norms of queries and keys, head by head, as in Qwen 3: an RMS norm of a head's columns before they are rotated.
// Hooks see queries and keys after it.

/// What a block keeps for the backward of these norms.
struct HeadNormActivations {
  /// [rows, 2·heads·d_head]: queries and keys before their norms.
  var arguments: Matrix
  /// [rows, 4·heads]: the statistics of each head's queries, then of each head's keys.
  var statistics: Matrix

  func statistics(ofKeys: Bool, head: Int, of heads: Int) -> Matrix {
    let first = (ofKeys ? 2 * heads : 0) + 2 * head
    return statistics.columns(first..<first + 2)
  }
}

extension ForwardPass {
  /// Normalises queries, which are the first columns of both matrices.
  func normaliseQueries(_ layer: Int, _ arguments: Matrix, into output: Matrix, _ rows: RowGroups) throws {
    guard let norms = transformer.layout.blocks[layer].attention.headNorms else { return }
    try normalise(layer, norms.query, ofKeys: false, arguments, into: output, rows)
  }

  /// Normalises keys, which are the second third, or half, of the columns.
  func normaliseKeys(_ layer: Int, _ arguments: Matrix, into output: Matrix, _ rows: RowGroups) throws {
    guard let norms = transformer.layout.blocks[layer].attention.headNorms else { return }
    let keys = norms.key.columns..<2 * norms.key.columns
    try normalise(layer, norms.key, ofKeys: true, arguments.columns(keys), into: output.columns(keys), rows)
  }

  private func normalise(
    _ layer: Int, _ gain: ParameterLayout.Tensor, ofKeys: Bool, _ arguments: Matrix, into output: Matrix,
    _ rows: RowGroups
  ) throws {
    guard let kept = activations.blocks[layer].headNorms else { return }
    let spec = transformer.layout.blocks[layer].spec.attention
    for head in 0..<spec.heads {
      let columns = head * spec.headWidth..<(head + 1) * spec.headWidth
      try device.layerNorm(
        LayerNorm(
          input: arguments.columns(columns), weight: transformer.parameter(gain).columns(columns), bias: nil,
          kind: .rms, epsilon: transformer.configuration.epsilon, output: output.columns(columns),
          statistics: kept.statistics(ofKeys: ofKeys, head: head, of: spec.heads), rows: rows))
    }
  }
}

extension BackwardPass {
  /// Turns the gradients of queries and keys into those of what their norms read, in place. Does nothing without norms.
  func headNormGradients(_ layer: Int, _ queryGradient: Matrix) throws {
    guard let norms = transformer.layout.blocks[layer].attention.headNorms,
      let kept = activations.blocks[layer].headNorms
    else { return }
    let width = norms.query.columns
    let queries = narrows(layer) ? activations.queryOutputArgument ?? kept.arguments : kept.arguments
    try backward(
      layer, norms.query, ofKeys: false, queries, queryGradient,
      narrows(layer) ? batch.outputRows : batch.rows(entering: layer))
    try backward(
      layer, norms.key, ofKeys: true, kept.arguments.columns(width..<2 * width),
      scratch.qkv.columns(width..<2 * width), batch.rows(entering: layer))
  }

  private func backward(
    _ layer: Int, _ gain: ParameterLayout.Tensor, ofKeys: Bool, _ arguments: Matrix, _ outputGradient: Matrix,
    _ rows: RowGroups
  ) throws {
    guard let kept = activations.blocks[layer].headNorms else { return }
    let spec = transformer.layout.blocks[layer].spec.attention
    for head in 0..<spec.heads {
      let columns = head * spec.headWidth..<(head + 1) * spec.headWidth
      let operation = LayerNormBackward(
        input: arguments.columns(columns), weight: transformer.parameter(gain).columns(columns), kind: .rms,
        rule: rule, statistics: kept.statistics(ofKeys: ofKeys, head: head, of: spec.heads),
        outputGradient: outputGradient.columns(columns), inputGradient: outputGradient.columns(columns),
        rows: rows)
      if request == .all {
        try device.layerNormWeightGradient(
          LayerNormWeightGradient(
            input: operation.input, statistics: operation.statistics,
            outputGradient: operation.outputGradient,
            weightGradient: gradient(gain).columns(columns),
            biasGradient: transformer.ignoredGradient(width: spec.headWidth), rows: rows))
      }
      try device.layerNormBackward(operation)
    }
  }
}
