import Compute

extension OperationSuite {
  static let layerNormBackward = OperationDescriptor(
    LayerNormBackward.name, quick: LayerNormShape.quick.map(backward),
    thorough: LayerNormShape.thorough.map(backward), benchmarks: LayerNormShape.study.map(backward))

  static let layerNormWeightGradient = OperationDescriptor(
    LayerNormWeightGradient.name, quick: LayerNormShape.quick.map(weightGradient),
    thorough: LayerNormShape.thorough.map(weightGradient),
    benchmarks: LayerNormShape.study.map(weightGradient))

  static let layerNormGradients = OperationDescriptor(
    LayerNormGradients.name, quick: LayerNormShape.quick.map(gradients),
    thorough: LayerNormShape.thorough.filter { $0.residual != .outputInPlace }.map(gradients),
    benchmarks: LayerNormShape.study.map(gradients))

  /// Bound: the statistics are given, so nothing is amplified. There are two W-term means and about six
  /// roundings, of x̂, g, the two subtractions, rstd and the residual.
  @Sendable private static func backward(_ shape: LayerNormShape) -> OperationCase {
    let (plan, width) = (shape.plan, shape.width)
    return OperationCase(
      operation: LayerNormBackward.name, shape: "\(shape)", flops: plan.rowCount * width * 13,
      elements: plan.rowCount * ((shape.residual == .absent ? 3 : 4) * width + 2) + plan.models * width
    ) { bench in
      let operation = try backward(shape, bench)
      return { try bench.device.layerNormBackward(operation) }
    }
  }

  private static func backward(_ shape: LayerNormShape, _ bench: Workbench, mean: Float = 0) throws
    -> LayerNormBackward
  {
    let (plan, width, placement) = (shape.plan, shape.width, shape.placement)
    let bound = Rounding.bound(Rounding.sum(width) + 6)
    let saved = try shape.saved(bench)
    let weight = try bench.parameter(
      "weight", plan, rows: 1, columns: width, placement, mean: 1, deviation: 0.5)
    let inputGradient =
      [.inPlace, .outputInPlace].contains(shape.residual)
      ? try bench.inPlace("input gradient", plan, columns: width, placement, bound: bound)
      : try bench.output("input gradient", plan, columns: width, placement, bound: bound)
    let residual: Matrix? =
      switch shape.residual {
      case .absent, .outputInPlace: nil
      case .separate: try bench.input("residual gradient", plan, columns: width, placement)
      case .inPlace: inputGradient
      }
    let outputGradient =
      shape.residual == .outputInPlace
      ? inputGradient : try bench.input("output gradient", plan, columns: width, placement, mean: mean)
    return LayerNormBackward(
      input: saved.input, weight: weight, kind: shape.kind, rule: shape.rule, statistics: saved.statistics,
      outputGradient: outputGradient,
      residualGradient: residual, inputGradient: inputGradient, rows: try plan.make())
  }

  /// Bound: sums over a model's rows, of products with about three roundings. Gradients with mean ½ keep the
  /// bias gradient away from zero.
  @Sendable private static func weightGradient(_ shape: LayerNormShape) -> OperationCase {
    var plain = shape
    plain.residual = .absent
    let (plan, width, placement) = (shape.plan, shape.width, shape.placement)
    return OperationCase(
      operation: LayerNormWeightGradient.name, shape: "\(plain)", flops: plan.rowCount * width * 5,
      elements: plan.rowCount * (2 * width + 2) + plan.models * 2 * width
    ) { bench in
      let saved = try shape.saved(bench)
      let outputGradient = try bench.input("output gradient", plan, columns: width, placement, mean: 0.5)
      let (weight, bias) = try parameterGradients(shape, bench)
      let operation = LayerNormWeightGradient(
        input: saved.input, statistics: saved.statistics, outputGradient: outputGradient,
        weightGradient: weight, biasGradient: bias, rows: try plan.make())
      return { try bench.device.layerNormWeightGradient(operation) }
    }
  }

  private static func parameterGradients(_ shape: LayerNormShape, _ bench: Workbench) throws
    -> (weight: Parameter, bias: Parameter)
  {
    let (plan, width, placement) = (shape.plan, shape.width, shape.placement)
    let sum = Rounding.sum(plan.longestSum)
    return (
      try bench.parameterOutput(
        "weight gradient", plan, rows: 1, columns: width, placement, bound: Rounding.bound(sum + 3)),
      try bench.parameterOutput(
        "bias gradient", plan, rows: 1, columns: width, placement, bound: Rounding.bound(sum))
    )
  }

  /// Bounds: those of the two operations.
  @Sendable private static func gradients(_ shape: LayerNormShape) -> OperationCase {
    let (plan, width) = (shape.plan, shape.width)
    return OperationCase(
      operation: LayerNormGradients.name, shape: "\(shape)", flops: plan.rowCount * width * 18,
      elements: plan.rowCount * ((shape.residual == .absent ? 3 : 4) * width + 2) + plan.models * 3 * width
    ) { bench in
      let backward = try backward(shape, bench, mean: 0.5)
      let (weight, bias) = try parameterGradients(shape, bench)
      let operation = LayerNormGradients(backward, weightGradient: weight, biasGradient: bias)
      return { try bench.device.layerNormGradients(operation) }
    }
  }
}
