import Compute

extension OperationSuite {
  static let attentionBackward = OperationDescriptor(
    AttentionBackward.name, quick: AttentionShape.quick.map(backward),
    thorough: AttentionShape.thorough.map(backward), benchmarks: AttentionShape.study.map(backward),
    large: AttentionShape.large.map(backward))

  /// Bounds: the value gradient sums the errors of probabilities over the queries. In ds = p·(dp − D) two
  /// sums of d terms are subtracted. The difference is as large as the sums, unless p is nearly 1, which
  /// large scores make common; so the deviation of the scores multiplies the error. The slope of a cap is small where the
  /// score is near the cap, and has the absolute error of the tangent. The sum over keys or queries follows.
  @Sendable private static func backward(_ shape: AttentionShape) -> OperationCase {
    let valueBound = Rounding.bound(shape.probability + shape.sum)
    let difference = 2 * Double(shape.scoreDeviation) * (Rounding.sum(shape.headWidth) + 1)
    let slope = shape.scores.cap == nil ? 0 : 2 * (shape.scoreSize + Rounding.tanh)
    let bound = Rounding.bound(shape.probability + difference + slope + shape.sum + 2)
    return OperationCase(
      operation: AttentionBackward.name, shape: "\(shape)", flops: 10 * shape.pairs * shape.width,
      elements: 4 * (shape.queryPlan.rowCount + shape.keyPlan.rowCount) * shape.width
        + shape.queryPlan.rowCount * shape.heads
    ) { bench in
      let inputs = try AttentionInputs(shape, on: bench)
      let saved = try inputs.saved(on: bench)
      let outputGradient = try bench.input(
        "output gradient", shape.queryPlan, columns: shape.width, shape.placement)
      let gradients = try gradients(shape, on: bench, bound: bound, valueBound: valueBound)
      let operation = AttentionBackward(
        query: inputs.query, key: inputs.key, value: inputs.value, heads: shape.heads, output: saved.output,
        logSumExp: saved.logSumExp, outputGradient: outputGradient, queryGradient: gradients.query,
        keyGradient: gradients.key, valueGradient: gradients.value, layout: try shape.layout(),
        keyRows: try shape.keyRows(), scores: shape.scores)
      return { try bench.device.attentionBackward(operation) }
    }
  }

  /// The three outputs: separate matrices, or columns of one matrix if the inputs are packed.
  private static func gradients(
    _ shape: AttentionShape, on bench: Workbench, bound: Double, valueBound: Double
  )
    throws -> (query: Matrix, key: Matrix, value: Matrix)
  {
    let (placement, width, plan) = (shape.placement, shape.width, shape.keyPlan)
    let (query, key, value) = ("query gradient", "key gradient", "value gradient")
    guard shape.isPacked else {
      return (
        try bench.output(query, shape.queryPlan, columns: width, placement, bound: bound),
        try bench.output(key, plan, columns: width, placement, bound: bound),
        try bench.output(value, plan, columns: width, placement, bound: valueBound)
      )
    }
    let ranges = [0..<width, width..<2 * width, 2 * width..<3 * width]
    let buffer = try bench.output(
      [
        Workbench.Part(name: query, columns: ranges[0], bound: bound),
        Workbench.Part(name: key, columns: ranges[1], bound: bound),
        Workbench.Part(name: value, columns: ranges[2], bound: valueBound),
      ], Block(rows: plan.rows, extent: plan.extent, columns: 3 * width, placement))
    let packed = bench.matrix(buffer, 3 * width, placement)
    return (packed.columns(ranges[0]), packed.columns(ranges[1]), packed.columns(ranges[2]))
  }
}
