/// Where each tensor lies in a model's flat parameters. Matrices are [in, out]; the query, key and value
/// projections of all heads are one matrix [d_model, 3·d_model], a head's columns together.
public struct ParameterLayout: Sendable {
  public struct Tensor: Equatable, Sendable {
    public var offset: Int
    /// 1 for a vector.
    public var rows: Int
    public var columns: Int

    public var count: Int { rows * columns }
    public var range: Range<Int> { offset..<offset + count }
  }

  public struct Block: Sendable {
    public var ln1Weight, ln1Bias: Tensor
    /// [d_model, 3·d_model] and [3·d_model]: queries, keys, values.
    public var qkvWeight, qkvBias: Tensor
    /// [d_model, d_model], rows by head.
    public var outputWeight, outputBias: Tensor
    public var ln2Weight, ln2Bias: Tensor
    /// [d_model, d_mlp] and [d_mlp, d_model]
    public var mlpInWeight, mlpInBias: Tensor
    public var mlpOutWeight, mlpOutBias: Tensor
  }

  public let configuration: ModelConfiguration
  /// [vocabulary, d_model]
  public let embedding: Tensor
  /// [context, d_model], with learned positions
  public let positions: Tensor?
  public let blocks: [Block]
  public let lnFinalWeight, lnFinalBias: Tensor
  /// [d_model, vocabulary]
  public let unembedding, unembeddingBias: Tensor
  /// Elements a model, padding included.
  public let count: Int

  public init(_ configuration: ModelConfiguration) {
    self.configuration = configuration
    var next = 0
    // Tensors begin on a cache line; what lies between stays zero for good.
    func place(_ rows: Int, _ columns: Int) -> Tensor {
      let tensor = Tensor(offset: next, rows: rows, columns: columns)
      next = (next + tensor.count + 15) / 16 * 16
      return tensor
    }
    let (d, hidden) = (configuration.dModel, configuration.dMLP)
    embedding = place(configuration.vocabulary, d)
    positions = configuration.positions == .learned ? place(configuration.context, d) : nil
    blocks = (0..<configuration.layers).map { _ in
      Block(
        ln1Weight: place(1, d), ln1Bias: place(1, d), qkvWeight: place(d, 3 * d), qkvBias: place(1, 3 * d),
        outputWeight: place(d, d), outputBias: place(1, d), ln2Weight: place(1, d), ln2Bias: place(1, d),
        mlpInWeight: place(d, hidden), mlpInBias: place(1, hidden), mlpOutWeight: place(hidden, d),
        mlpOutBias: place(1, d))
    }
    lnFinalWeight = place(1, d)
    lnFinalBias = place(1, d)
    unembedding = place(d, configuration.vocabulary)
    unembeddingBias = place(1, configuration.vocabulary)
    count = next
  }
}
