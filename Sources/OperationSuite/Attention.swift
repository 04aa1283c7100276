import Compute

extension OperationSuite {
  static let attention = OperationDescriptor(
    Attention.name, quick: AttentionShape.quick.map(forward), thorough: AttentionShape.thorough.map(forward),
    benchmarks: AttentionShape.study.map(forward))

  /// Bounds: for the output, the error of the probabilities and the sum over the keys; a log-sum-exp also has
  /// the error of its logarithm.
  @Sendable private static func forward(_ shape: AttentionShape) -> OperationCase {
    let bound = Rounding.bound(shape.probability + shape.sum + Rounding.division)
    return OperationCase(
      operation: Attention.name, shape: "\(shape)", flops: 4 * shape.pairs * shape.width,
      elements: 2 * (shape.queryPlan.rowCount + shape.keyPlan.rowCount) * shape.width
        + shape.queryPlan.rowCount * shape.heads
    ) { bench in
      let inputs = try AttentionInputs(shape, on: bench)
      let operation = Attention(
        query: inputs.query, key: inputs.key, value: inputs.value, heads: shape.heads,
        output: try bench.output(
          "output", shape.queryPlan, columns: shape.width, shape.placement, bound: bound),
        logSumExp: try bench.output(
          "log-sum-exp", shape.queryPlan, columns: shape.heads, shape.placement,
          bound: bound + Rounding.bound(Rounding.log)),
        layout: try shape.layout(), keyRows: try shape.keyRows(), scores: shape.scores)
      return { try bench.device.attention(operation) }
    }
  }
}
