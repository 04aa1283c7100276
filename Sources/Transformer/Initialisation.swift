import RandomStreams

extension ParameterLayout {
  /// The initial parameters of one model, drawn as the published program draws them and in its order: the
  /// token embedding N(0, 1), learned positions N(0, 1), then for each block the norms (ones, zeros), the
  /// four projections and the two MLP matrices, then the final norm and the unembedding. A linear map with n
  /// inputs draws its weight [out, in] and then its bias from U(±1/√n).
  package func initialParameters(from stream: inout some RandomStream) -> [Float] {
    var parameters = [Float](repeating: 0, count: count)
    func normal(_ tensor: Tensor) {
      parameters.replaceSubrange(tensor.range, with: stream.normal(count: tensor.count))
    }
    func ones(_ tensor: Tensor) {
      for i in tensor.range { parameters[i] = 1 }
    }
    // The drawn weight is [out, in]. Ours is [in, out] and may be some columns of a wider matrix.
    func linear(_ map: Linear, columns: Range<Int>? = nil) {
      let (weight, bias) = (map.weight, map.bias)
      let columns = columns ?? 0..<weight.columns
      let bound = 1 / Float(weight.rows).squareRoot()
      let drawn = stream.uniform(count: columns.count * weight.rows, bound: bound)
      for (out, column) in columns.enumerated() {
        for row in 0..<weight.rows {
          parameters[weight.offset + row * weight.columns + column] = drawn[out * weight.rows + row]
        }
      }
      let drawnBias = stream.uniform(count: columns.count, bound: bound)
      guard let bias else { return }
      for (out, column) in columns.enumerated() { parameters[bias.offset + column] = drawnBias[out] }
    }

    normal(embedding)
    if let positions { normal(positions) }
    for block in blocks {
      ones(block.attention.norm.weight)
      ones(block.mlp.norm.weight)
      let width = block.spec.attention.width
      for index in 0..<3 {
        linear(block.attention.queryKeyValue, columns: index * width..<(index + 1) * width)
      }
      linear(block.attention.output)
      linear(block.mlp.input)
      linear(block.mlp.output)
    }
    ones(finalNorm.weight)
    if let unembedding { linear(unembedding) }
    return parameters
  }
}
