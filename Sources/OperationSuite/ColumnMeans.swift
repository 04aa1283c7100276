import Compute

/// The groups and columns of a case.
private struct MeansShape: Sendable, CustomStringConvertible {
  var plan: RowPlan
  var columns: Int
  var placement = Placement.plain

  var description: String { "\(plan), columns \(columns)\(placement)" }

  /// Two lanes of one model, a gap, and a model with one row.
  private static let lanes = RowPlan(groups: [
    RowGroup(model: 1, lane: 0, firstRow: 2, count: 33), RowGroup(model: 1, lane: 1, firstRow: 35, count: 7),
    RowGroup(model: 0, firstRow: 44, count: 1),
  ])

  static let quick = [MeansShape(plan: .ragged, columns: 93, placement: .odd)]
  static let thorough = [
    MeansShape(plan: .rows(200), columns: 128),
    MeansShape(plan: .ragged, columns: 128, placement: .aligned),
    MeansShape(plan: lanes, columns: 40, placement: .odder),
    MeansShape(plan: lanes, columns: 7),
    MeansShape(plan: .rows(1), columns: 33, placement: .odd),
    MeansShape(plan: .rows(1000), columns: 16),
    MeansShape(plan: .ensemble([20_000, 20_000]), columns: 5),
    MeansShape(plan: .none, columns: 16),
  ]
  static let study = [
    MeansShape(plan: .rows(1024), columns: 128), MeansShape(plan: .rows(1024), columns: 512),
    MeansShape(plan: .rows(512), columns: 768),
  ]
}

extension OperationSuite {
  static let columnMeans = OperationDescriptor(
    ColumnMeans.name, quick: MeansShape.quick.map(means), thorough: MeansShape.thorough.map(means),
    benchmarks: MeansShape.study.map(means))

  /// Bound: a compensated sum over the rows of a group, and the division. Values with mean ½ keep the means
  /// away from zero.
  @Sendable private static func means(_ shape: MeansShape) -> OperationCase {
    let (plan, columns, placement) = (shape.plan, shape.columns, shape.placement)
    let groups = RowPlan.rows(plan.groups.count)
    let bound = Rounding.bound(Rounding.compensated + Rounding.division)
    return OperationCase(
      operation: ColumnMeans.name, shape: "\(shape)", flops: plan.rowCount * columns,
      elements: (plan.rowCount + groups.rowCount) * columns
    ) { bench in
      let operation = ColumnMeans(
        input: try bench.input("input", plan, columns: columns, placement, mean: 0.5),
        output: try bench.output("output", groups, columns: columns, placement, bound: bound),
        rows: try plan.make())
      return { try bench.device.columnMeans(operation) }
    }
  }
}
