import RandomStreams

extension ParameterLayout {
  /// One model's initial parameters as the published program draws them, in its order: the token
  /// embedding N(0, 1), learned positions N(0, 1), then per block norms (ones, zeros) and the four projections
  /// and two MLP matrices, final norm, unembedding. A linear map of n inputs draws its weight [out, in],
  /// then its bias, from U(±1/√n).
  package func initialParameters(from stream: inout some RandomStream) -> [Float] {
    var parameters = [Float](repeating: 0, count: count)
    let d = configuration.dModel

    func normal(_ tensor: Tensor) {
      parameters.replaceSubrange(tensor.range, with: stream.normal(count: tensor.count))
    }
    func ones(_ tensor: Tensor) {
      for i in tensor.range { parameters[i] = 1 }
    }
    // The drawn weight is [out, in]; ours is [in, out], and may be some columns of a wider matrix.
    func linear(_ weight: Tensor, _ bias: Tensor, columns: Range<Int>? = nil) {
      let columns = columns ?? 0..<weight.columns
      let bound = 1 / Float(weight.rows).squareRoot()
      let drawn = stream.uniform(count: columns.count * weight.rows, bound: bound)
      for (out, column) in columns.enumerated() {
        for row in 0..<weight.rows {
          parameters[weight.offset + row * weight.columns + column] = drawn[out * weight.rows + row]
        }
      }
      let drawnBias = stream.uniform(count: columns.count, bound: bound)
      for (out, column) in columns.enumerated() { parameters[bias.offset + column] = drawnBias[out] }
    }

    normal(embedding)
    if let positions { normal(positions) }
    for block in blocks {
      ones(block.ln1Weight)
      ones(block.ln2Weight)
      for index in 0..<3 {
        linear(block.qkvWeight, block.qkvBias, columns: index * d..<(index + 1) * d)
      }
      linear(block.outputWeight, block.outputBias)
      linear(block.mlpInWeight, block.mlpInBias)
      linear(block.mlpOutWeight, block.mlpOutBias)
    }
    ones(lnFinalWeight)
    linear(unembedding, unembeddingBias)
    return parameters
  }
}
