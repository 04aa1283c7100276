import Compute

/// The gradient of one input alone, as the attribution of an edge uses it. It flows through the component's
/// own norm, and does not include the path past the component.
package struct InputGradient {
  /// The site: an input of a component, or the stream that the final norm reads.
  package let site: Site
  /// [rows, d_model]; valid until the next gradient is shown.
  package let gradient: Matrix
  package let rows: RowGroups
}

extension BackwardPass {
  /// Shows the gradient of each port of a block's heads, from the gradients of its queries, keys and values.
  func showInputs(ofHeads layer: Int) throws {
    guard inputs != nil else { return }
    let (block, buffers) = (transformer.layout.blocks[layer], activations.blocks[layer])
    let spec = block.spec.attention
    let weight = transformer.parameter(block.attention.queryKeyValue.weight)
    for head in 0..<spec.heads {
      for (index, port) in [Port.query, .key, .value].enumerated() {
        let first = index * spec.width + head * spec.headWidth
        let columns = first..<first + spec.headWidth
        try transformer.device.matmulInputGradient(
          MatmulInputGradient(
            outputGradient: scratch.qkv.columns(columns), weight: weight.columns(columns),
            inputGradient: scratch.normalised, rows: batch.rows))
        try showInput(
          .input(.head(layer: layer, head: head), port), buffers.residPre, buffers.statistics1,
          block.attention.norm)
      }
    }
  }

  /// Shows the gradient of an input, computed from the gradient of its normalised rows in
  /// `scratch.normalised`.
  func showInput(_ site: Site, _ input: Matrix, _ statistics: Matrix, _ norm: ParameterLayout.Norm) throws {
    guard let inputs else { return }
    try transformer.device.layerNormBackward(
      LayerNormBackward(
        input: input, weight: transformer.parameter(norm.weight),
        kind: transformer.configuration.architecture.norm, rule: rule, statistics: statistics,
        outputGradient: scratch.normalised, residualGradient: nil, inputGradient: scratch.branch,
        rows: batch.rows))
    try inputs(InputGradient(site: site, gradient: scratch.branch, rows: batch.rows))
  }
}
