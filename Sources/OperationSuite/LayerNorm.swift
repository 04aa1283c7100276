import Compute

extension OperationSuite {
  static let layerNorm = OperationDescriptor(
    LayerNorm.name, quick: forwardShapes(LayerNormShape.quick).map(forward),
    thorough: forwardShapes(LayerNormShape.thorough).map(forward),
    benchmarks: forwardShapes(LayerNormShape.study).map(forward))

  /// The shapes without a residual, which the forward does not have.
  private static func forwardShapes(_ shapes: [LayerNormShape]) -> [LayerNormShape] {
    shapes.map { shape in
      var shape = shape
      shape.residual = .absent
      return shape
    }
  }

  /// Bounds, for rows with width W, mean μ and deviation 1:
  /// - mean: a W-term sum with terms of size √(μ² + 1), relative to μ, and a division;
  /// - rstd: the error of the mean, up to √W roundings of |μ|, shifts every deviation, which amplifies it by
  ///   1 + |μ|. The sum of squares, the division and the root follow. E[x²] − mean² would amplify it by μ²
  ///   and is caught at mean 30;
  /// - output: both, the subtraction, two multiplications and the bias.
  @Sendable private static func forward(_ shape: LayerNormShape) -> OperationCase {
    let (plan, width, placement) = (shape.plan, shape.width, shape.placement)
    let magnitude = Double(abs(shape.mean))
    let sum = Rounding.sum(width)
    let root = Rounding.squareRoot + Rounding.division
    let amplified = sum * (1 + magnitude) + root
    return OperationCase(
      operation: LayerNorm.name, shape: "\(shape)", flops: plan.rowCount * width * 8,
      elements: plan.rowCount * (2 * width + 2) + plan.models * 2 * width
    ) { bench in
      let input = try bench.input("input", plan, columns: width, placement, mean: shape.mean)
      let statistics = try bench.output(
        [
          Workbench.Part(
            name: "mean", columns: 0..<1,
            bound: shape.kind == .rms ? 0 : Rounding.bound(sum * (1 + 1 / magnitude) + Rounding.division)),
          Workbench.Part(name: "rstd", columns: 1..<2, bound: Rounding.bound(amplified)),
        ], Block(rows: plan.rows, extent: plan.extent, columns: 2, placement))
      let operation = LayerNorm(
        input: input,
        weight: try bench.parameter(
          "weight", plan, rows: 1, columns: width, placement, mean: 1, deviation: 0.5),
        bias: shape.hasBias
          ? try bench.parameter("bias", plan, rows: 1, columns: width, placement, deviation: 0.5) : nil,
        kind: shape.kind, epsilon: LayerNormShape.epsilon,
        output: try bench.output(
          "output", plan, columns: width, placement, bound: Rounding.bound(amplified + 4)),
        statistics: bench.matrix(statistics, 2, placement), rows: try plan.make())
      return { try bench.device.layerNorm(operation) }
    }
  }
}
