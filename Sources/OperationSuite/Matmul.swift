import Compute

extension OperationSuite {
  static let matmul = OperationDescriptor(
    Matmul.name, quick: MatmulShape.quick.map(forward), thorough: MatmulShape.thorough.map(forward),
    benchmarks: MatmulShape.benchmarks.map(forward))

  /// Bounds: a K-term sum, and one rounding each for the bias, the residual and the result. The norm of the
  /// GELU of N(0, 1) is 0.65 of its argument's, and its slope is at most 1.13, so it at most doubles the
  /// relative error of the sum. Its erf adds an error of its own, which ½(1 + erf) halves and the smaller
  /// norm less than doubles.
  @Sendable private static func forward(_ shape: MatmulShape) -> OperationCase {
    let (plan, placement) = (shape.plan, shape.placement)
    let sum = Rounding.sum(shape.k) + 3
    let appliesGELU = [.gelu, .geluAlone].contains(shape.epilogue)
    let bound = Rounding.bound(appliesGELU ? 2 * sum + Rounding.erf : sum)
    let extraMatrices = [.gelu, .residual].contains(shape.epilogue) ? 1 : 0
    let biases = shape.epilogue == .none ? 0 : plan.models * shape.n
    return OperationCase(
      operation: Matmul.name, shape: "\(shape)", flops: shape.flops,
      elements: shape.elements + extraMatrices * plan.rowCount * shape.n + biases
    ) { bench in
      let input = try bench.input("input", plan, columns: shape.k, placement)
      // With weights of variance 1/K the sums have variance 1, which is the range in which GELU bends.
      let weight = try bench.parameter(
        "weight", plan, rows: shape.k, columns: shape.n, shape.weights,
        deviation: 1 / Float(shape.k).squareRoot())
      let bias =
        shape.epilogue == .none
        ? nil : try bench.parameter("bias", plan, rows: 1, columns: shape.n, shape.weights, deviation: 0.5)
      let output =
        shape.epilogue == .residualInPlace
        ? try bench.inPlace("output", plan, columns: shape.n, placement, bound: bound)
        : try bench.output("output", plan, columns: shape.n, placement, bound: bound)
      var operation = Matmul(input: input, weight: weight, bias: bias, output: output, rows: try plan.make())
      operation.activation = appliesGELU ? .gelu : .identity
      switch shape.epilogue {
      case .none, .bias, .geluAlone: break
      case .gelu:
        operation.preActivation = try bench.output(
          "pre-activation", plan, columns: shape.n, placement, bound: Rounding.bound(sum))
      case .residual: operation.residual = try bench.input("residual", plan, columns: shape.n, placement)
      case .residualInPlace: operation.residual = output
      }
      let queued = operation
      return { try bench.device.matmul(queued) }
    }
  }
}
