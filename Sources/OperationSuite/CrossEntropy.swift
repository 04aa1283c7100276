import Compute

extension OperationSuite {
  static let crossEntropy = OperationDescriptor(
    CrossEntropy.name, quick: CrossEntropyShape.quick.map(pass),
    thorough: CrossEntropyShape.thorough.map(pass), benchmarks: CrossEntropyShape.study.map(pass))

  /// Bounds, for logits up to M in magnitude:
  /// - row loss: a difference of numbers up to M that is about 1 or larger, so their roundings count M times;
  ///   inside it, a V-term sum of exponentials and its logarithm;
  /// - gradient: the argument of the exponential is up to 2M in magnitude, and its rounding is the error of
  ///   the probability;
  /// - loss: the row losses, and their compensated sum over the model's rows: directly, or as a sum of sums
  ///   in up to 256 lanes;
  /// - correct: exact.
  @Sendable private static func pass(_ shape: CrossEntropyShape) -> OperationCase {
    let (plan, placement) = (shape.plan, shape.placement)
    let sum = Rounding.sum(shape.vocabulary) + Rounding.exp
    let row = shape.greatest + sum + Rounding.log
    let bounds = (
      row: Rounding.bound(row), loss: Rounding.bound(row + Rounding.compensated + 8),
      gradient: Rounding.bound(2 * shape.greatest + sum + Rounding.division + 1)
    )
    let matrices = shape.gradient == .absent ? 1 : 2
    return OperationCase(
      operation: CrossEntropy.name, shape: "\(shape)", flops: 5 * plan.rowCount * shape.vocabulary,
      elements: plan.rowCount * (matrices * shape.vocabulary + 4) + plan.models
    ) { bench in
      let values = shape.makeLogits(bench)
      let targets = shape.makeTargets(values, bench)
      let block = Block(rows: plan.rows, extent: plan.extent, columns: shape.vocabulary, placement)
      let (logits, gradient) = try operands(shape, block, values, bench, bound: bounds.gradient)
      let operation = CrossEntropy(
        logits: logits, targets: try bench.indices(spread(targets, over: plan)),
        rowWeight: try bench.rowWeights(targets, plan, placement),
        rowLoss: try bench.output("row loss", plan, columns: 1, placement, bound: bounds.row),
        rowCorrect: try bench.output("row correct", plan, columns: 1, placement, bound: 0),
        logitsGradient: gradient,
        loss: try bench.parameterOutput("loss", plan, rows: 1, columns: 1, placement, bound: bounds.loss),
        rows: try plan.make())
      return { try bench.device.crossEntropy(operation) }
    }
  }

  private static func operands(
    _ shape: CrossEntropyShape, _ block: Block, _ values: [[Float]], _ bench: Workbench, bound: Double
  ) throws -> (logits: Matrix, gradient: Matrix?) {
    let (columns, placement) = (shape.vocabulary, shape.placement)
    let part = Workbench.Part(name: "logits gradient", columns: 0..<columns, bound: bound)
    if shape.gradient == .inPlace {
      let both = bench.matrix(try bench.output([part], block) { values[$0][$1] }, columns, placement)
      return (both, both)
    }
    let logits = bench.matrix(try bench.input("logits", block) { values[$0][$1] }, columns, placement)
    if shape.gradient == .absent { return (logits, nil) }
    return (logits, bench.matrix(try bench.output([part], block), columns, placement))
  }

  /// Spreads the values of the live rows to their rows; unused rows get zeros.
  private static func spread(_ values: [Int32], over plan: RowPlan) -> [Int32] {
    var result = [Int32](repeating: 0, count: plan.extent)
    for (row, value) in zip(plan.rows, values) { result[row] = value }
    return result
  }
}

extension Workbench {
  /// For every live row, 1 / (the number of rows of its model that have a target).
  fileprivate func rowWeights(_ targets: [Int32], _ plan: RowPlan, _ placement: Placement) throws -> Matrix {
    let models = plan.groups.flatMap { [Int](repeating: $0.model, count: $0.count) }
    var counted = [Int](repeating: 0, count: plan.models)
    for (model, target) in zip(models, targets) where target >= 0 { counted[model] += 1 }
    let block = Block(rows: plan.rows, extent: plan.extent, columns: 1, placement)
    let buffer = try input("row weight", block) { row, _ in 1 / Float(max(counted[models[row]], 1)) }
    return matrix(buffer, 1, placement)
  }
}
