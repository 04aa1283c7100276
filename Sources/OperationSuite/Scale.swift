import Compute

/// The sizes of a scaling.
private struct ScaleShape: Sendable, CustomStringConvertible {
  var rows: Int
  var columns: Int
  var factor: Double
  var isInPlace = false
  var placement = Placement.plain

  var description: String {
    "rows \(rows), columns \(columns), factor \(factor)\(isInPlace ? ", in place" : "")\(placement)"
  }

  static let quick = [
    ScaleShape(rows: 33, columns: 93, factor: 1.7, isInPlace: true, placement: .odd),
    ScaleShape(rows: 19, columns: 40, factor: 7),
  ]
  static let thorough = [
    ScaleShape(rows: 200, columns: 128, factor: -0.3),
    ScaleShape(rows: 16, columns: 40, factor: 48, isInPlace: true, placement: .aligned),
    ScaleShape(rows: 7, columns: 33, factor: 0, placement: .odder),
    ScaleShape(rows: 1, columns: 1, factor: 3, isInPlace: true),
    ScaleShape(rows: 0, columns: 7, factor: 2),
  ]
  static let study = [
    ScaleShape(rows: 1024, columns: 128, factor: 2, isInPlace: true),
    ScaleShape(rows: 512, columns: 768, factor: 2, isInPlace: true),
  ]
}

extension OperationSuite {
  static let scale = OperationDescriptor(
    Scale.name, quick: ScaleShape.quick.map(scaling), thorough: ScaleShape.thorough.map(scaling),
    benchmarks: ScaleShape.study.map(scaling))

  /// Bound: one rounding, and that of the factor.
  @Sendable private static func scaling(_ shape: ScaleShape) -> OperationCase {
    let count = shape.rows * shape.columns
    return OperationCase(operation: Scale.name, shape: "\(shape)", flops: count, elements: 2 * count) {
      bench in
      let (plan, columns, placement) = (RowPlan.rows(shape.rows), shape.columns, shape.placement)
      let bound = Rounding.bound(2)
      let output =
        shape.isInPlace
        ? try bench.inPlace("output", plan, columns: columns, placement, bound: bound)
        : try bench.output("output", plan, columns: columns, placement, bound: bound)
      let operation = Scale(
        input: shape.isInPlace ? output : try bench.input("input", plan, columns: columns, placement),
        factor: shape.factor, output: output, count: shape.rows)
      return { try bench.device.scale(operation) }
    }
  }
}
