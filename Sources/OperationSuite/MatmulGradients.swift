import Compute

extension OperationSuite {
  static let matmulInputGradient = OperationDescriptor(
    MatmulInputGradient.name, quick: MatmulShape.quick.map(inputGradient),
    thorough: distinct(MatmulShape.thorough.map(inputGradient)),
    benchmarks: distinct(MatmulShape.gradientBenchmarks.map(inputGradient)))

  static let matmulWeightGradient = OperationDescriptor(
    MatmulWeightGradient.name, quick: MatmulShape.quick.map(weightGradient),
    thorough: distinct(MatmulShape.thorough.map(weightGradient)),
    benchmarks: distinct(MatmulShape.gradientBenchmarks.map(weightGradient)))

  /// Removes duplicates: shapes that differ only in an epilogue that a gradient does not have give equal
  /// cases.
  private static func distinct(_ cases: [OperationCase]) -> [OperationCase] {
    var seen = Set<String>()
    return cases.filter { seen.insert($0.shape).inserted }
  }

  /// Bounds: an N-term sum. GELU′ multiplies in the errors of its erf and its exp. The argument −x²/2 of the
  /// latter is rounded at up to 3²/2 in the range that matters, which adds about 4.
  @Sendable private static func inputGradient(_ shape: MatmulShape) -> OperationCase {
    let (plan, placement) = (shape.plan, shape.placement)
    let gelu = shape.epilogue == .gelu
    let sum = Rounding.sum(shape.n) + 3
    let bound = Rounding.bound(gelu ? sum + Rounding.erf + Rounding.exp + 4 : sum)
    var named = shape
    named.epilogue = .none
    return OperationCase(
      operation: MatmulInputGradient.name, shape: "\(named)\(gelu ? ", GELU′" : "")", flops: shape.flops,
      elements: shape.elements + (gelu ? plan.rowCount * shape.k : 0)
    ) { bench in
      let operation = MatmulInputGradient(
        outputGradient: try bench.input("output gradient", plan, columns: shape.n, placement),
        weight: try bench.parameter("weight", plan, rows: shape.k, columns: shape.n, shape.weights),
        preActivation: gelu
          ? try bench.input("pre-activation", plan, columns: shape.k, placement, deviation: 2) : nil,
        inputGradient: try bench.output("input gradient", plan, columns: shape.k, placement, bound: bound),
        rows: try plan.make())
      return { try bench.device.matmulInputGradient(operation) }
    }
  }

  /// Bound: sums over the rows of the largest model. Gradients with mean ½ keep a bias gradient of one
  /// element away from zero.
  @Sendable private static func weightGradient(_ shape: MatmulShape) -> OperationCase {
    let (plan, placement) = (shape.plan, shape.placement)
    let bound = Rounding.bound(Rounding.sum(plan.longestSum) + 2)
    let bias = shape.epilogue != .none
    var named = shape
    named.epilogue = bias ? .bias : .none
    return OperationCase(
      operation: MatmulWeightGradient.name, shape: "\(named)", flops: shape.flops,
      elements: shape.elements + (bias ? plan.models * shape.n : 0)
    ) { bench in
      let operation = MatmulWeightGradient(
        input: try bench.input("input", plan, columns: shape.k, placement),
        outputGradient: try bench.input("output gradient", plan, columns: shape.n, placement, mean: 0.5),
        weightGradient: try bench.parameterOutput(
          "weight gradient", plan, rows: shape.k, columns: shape.n, shape.weights, bound: bound),
        biasGradient: bias
          ? try bench.parameterOutput(
            "bias gradient", plan, rows: 1, columns: shape.n, shape.weights, bound: bound) : nil,
        rows: try plan.make())
      return { try bench.device.matmulWeightGradient(operation) }
    }
  }
}
