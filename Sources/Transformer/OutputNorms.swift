import Compute

// The norms of branches' outputs, as in Gemma 2: what a branch computes goes through a norm before it is added to the
// residual stream. Hooks, interventions and scores see what is added, so the output of an MLP is that of its norm.

/// What the norm of a branch's output reads, and its statistics, which the backward needs.
struct NormArgument {
  /// [rows, d_model]: the product with the branch's last matrix.
  var values: Matrix
  /// [rows, 2]
  var statistics: Matrix
}

/// What a block keeps for the backward of the norms of its branches' outputs.
struct OutputNormActivations {
  var attention: NormArgument
  var mlp: NormArgument
}

/// The norm of a branch's output, with what it keeps.
struct OutputNorm {
  var norm: ParameterLayout.Norm
  var argument: NormArgument
}

extension Transformer {
  func attentionOutputNorm(_ layer: Int, _ activations: Activations) -> OutputNorm? {
    guard let norm = layout.blocks[layer].attention.outputNorm,
      let kept = activations.blocks[layer].outputNorms
    else { return nil }
    return OutputNorm(norm: norm, argument: kept.attention)
  }

  func mlpOutputNorm(_ layer: Int, _ activations: Activations) -> OutputNorm? {
    guard let norm = layout.blocks[layer].mlp.outputNorm, let kept = activations.blocks[layer].outputNorms
    else { return nil }
    return OutputNorm(norm: norm, argument: kept.mlp)
  }
}

extension ForwardPass {
  /// Computes what a branch writes to the stream: the norm of a product. `product.output` is ignored.
  func normalise(_ product: Matmul, _ outputNorm: OutputNorm, into output: Matrix) throws {
    var product = product
    product.residual = nil
    product.output = outputNorm.argument.values
    try device.matmul(product)
    try norm(
      outputNorm.norm, product.output, into: output, statistics: outputNorm.argument.statistics,
      rows: product.rows)
  }
}

extension BackwardPass {
  /// The gradient of the product that a branch ends with, from that of what the branch writes to the stream.
  func productGradient(_ outputNorm: OutputNorm?, _ outputGradient: Matrix, _ rows: RowGroups) throws
    -> Matrix
  {
    guard let outputNorm, let projected = scratch.projected else { return outputGradient }
    try layerNorm(
      input: outputNorm.argument.values, statistics: outputNorm.argument.statistics, norm: outputNorm.norm,
      outputGradient: outputGradient, residual: nil, output: projected, rows: rows)
    return projected
  }
}
