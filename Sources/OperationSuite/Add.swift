import Compute

/// The sizes of an addition, and the operand (if any) that its output overwrites.
private struct AddShape: Sendable, CustomStringConvertible {
  var rows: Int
  var columns: Int
  var output = Output.separate
  var placement = Placement.plain

  enum Output: String, Sendable { case separate = "", left = ", into left", right = ", into right" }

  var description: String { "rows \(rows), columns \(columns)\(output.rawValue)\(placement)" }

  static let quick = [AddShape(rows: 33, columns: 93, output: .left, placement: .odd)]
  static let thorough = [
    AddShape(rows: 200, columns: 128),
    AddShape(rows: 200, columns: 128, output: .left),
    AddShape(rows: 16, columns: 40, output: .right, placement: .aligned),
    AddShape(rows: 7, columns: 33, placement: .odder),
    AddShape(rows: 1, columns: 1, output: .right),
    AddShape(rows: 93, columns: 7, output: .right, placement: .odd),
    AddShape(rows: 0, columns: 7),
  ]
  static let study = [
    AddShape(rows: 1024, columns: 128, output: .left), AddShape(rows: 512, columns: 768, output: .left),
  ]
}

extension OperationSuite {
  static let add = OperationDescriptor(
    Add.name, quick: AddShape.quick.map(addition), thorough: AddShape.thorough.map(addition),
    benchmarks: AddShape.study.map(addition))

  /// Bound: one rounding.
  @Sendable private static func addition(_ shape: AddShape) -> OperationCase {
    OperationCase(
      operation: Add.name, shape: "\(shape)", flops: shape.rows * shape.columns,
      elements: 3 * shape.rows * shape.columns
    ) { bench in
      let (plan, columns, placement) = (RowPlan.rows(shape.rows), shape.columns, shape.placement)
      let bound = Rounding.bound(1)
      let output =
        shape.output == .separate
        ? try bench.output("output", plan, columns: columns, placement, bound: bound)
        : try bench.inPlace("output", plan, columns: columns, placement, bound: bound)
      let operation = Add(
        left: shape.output == .left ? output : try bench.input("left", plan, columns: columns, placement),
        right: shape.output == .right ? output : try bench.input("right", plan, columns: columns, placement),
        output: output, count: shape.rows)
      return { try bench.device.add(operation) }
    }
  }
}
