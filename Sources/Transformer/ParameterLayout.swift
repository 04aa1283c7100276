/// Where each tensor lies in a model's flat parameters. Matrices are [in, out]; the query, key and value
/// projections of all heads are one matrix [d_model, 3·d_model], a head's columns together.
package struct ParameterLayout: Sendable {
  package struct Tensor: Equatable, Sendable {
    package var offset: Int
    /// 1 for a vector.
    package var rows: Int
    package var columns: Int

    package var count: Int { rows * columns }
    package var range: Range<Int> { offset..<offset + count }
  }

  package struct Block: Sendable {
    package var ln1Weight, ln1Bias: Tensor
    /// [d_model, 3·d_model] and [3·d_model]: queries, keys, values.
    package var qkvWeight, qkvBias: Tensor
    /// [d_model, d_model], rows by head.
    package var outputWeight, outputBias: Tensor
    package var ln2Weight, ln2Bias: Tensor
    /// [d_model, d_mlp] and [d_mlp, d_model]
    package var mlpInWeight, mlpInBias: Tensor
    package var mlpOutWeight, mlpOutBias: Tensor
  }

  package let configuration: ModelConfiguration
  /// [vocabulary, d_model]
  package let embedding: Tensor
  /// [context, d_model], with learned positions
  package let positions: Tensor?
  package let blocks: [Block]
  package let lnFinalWeight, lnFinalBias: Tensor
  /// [d_model, vocabulary]
  package let unembedding, unembeddingBias: Tensor
  /// Elements a model, padding included.
  package let count: Int

  package init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
    var next = 0
    // Tensors begin on a cache line; what lies between stays zero for good.
    func place(_ rows: Int, _ columns: Int) -> Tensor {
      let tensor = Tensor(offset: next, rows: rows, columns: columns)
      next = (next + tensor.count + 15) / 16 * 16
      return tensor
    }
    let (d, dMLP) = (configuration.dModel, configuration.dMLP)
    embedding = place(configuration.vocabulary, d)
    positions = configuration.positions == .learned ? place(configuration.context, d) : nil
    blocks = (0..<configuration.layers).map { _ in
      Block(
        ln1Weight: place(1, d), ln1Bias: place(1, d), qkvWeight: place(d, 3 * d), qkvBias: place(1, 3 * d),
        outputWeight: place(d, d), outputBias: place(1, d), ln2Weight: place(1, d), ln2Bias: place(1, d),
        mlpInWeight: place(d, dMLP), mlpInBias: place(1, dMLP), mlpOutWeight: place(dMLP, d),
        mlpOutBias: place(1, d))
    }
    lnFinalWeight = place(1, d)
    lnFinalBias = place(1, d)
    unembedding = place(d, configuration.vocabulary)
    unembeddingBias = place(1, configuration.vocabulary)
    count = next
  }
}
