import Compute

/// The sizes of a cap, and the size of what it caps.
private struct SoftCapShape: Sendable, CustomStringConvertible {
  var rows: Int
  var columns: Int
  var cap: Double
  /// The standard deviation of the input.
  var deviation: Float = 1
  var isInPlace = false
  var placement = Placement.plain

  var description: String {
    "rows \(rows), columns \(columns), cap \(cap), ±\(deviation)\(isInPlace ? ", in place" : "")\(placement)"
  }

  static let quick = [
    SoftCapShape(rows: 33, columns: 93, cap: 3, deviation: 2, placement: .odd),
    SoftCapShape(rows: 19, columns: 40, cap: 30, isInPlace: true),
  ]
  static let thorough = [
    // Where the cap hardly binds, a result must not lose digits.
    SoftCapShape(rows: 200, columns: 128, cap: 30, deviation: 0.01),
    SoftCapShape(rows: 16, columns: 40, cap: 30, deviation: 20, isInPlace: true, placement: .aligned),
    SoftCapShape(rows: 70, columns: 33, cap: 0.5, deviation: 0.3, placement: .odder),
    // Most results are the cap or its negative.
    SoftCapShape(rows: 93, columns: 7, cap: 2, deviation: 1000, placement: .odd),
    SoftCapShape(rows: 1, columns: 1, cap: 1),
    SoftCapShape(rows: 0, columns: 7, cap: 1),
  ]
  static let study = [
    SoftCapShape(rows: 1024, columns: 104, cap: 30, deviation: 10, isInPlace: true),
    SoftCapShape(rows: 512, columns: 3072, cap: 30, deviation: 10, isInPlace: true),
  ]
}

extension OperationSuite {
  static let softCap = OperationDescriptor(
    SoftCap.name, quick: SoftCapShape.quick.map(forward), thorough: SoftCapShape.thorough.map(forward),
    benchmarks: SoftCapShape.study.map(forward))

  static let softCapBackward = OperationDescriptor(
    SoftCapBackward.name, quick: SoftCapShape.quick.map(backward),
    thorough: SoftCapShape.thorough.map(backward), benchmarks: SoftCapShape.study.map(backward))

  /// Bound: the tangent, and the quotient and the product around it.
  @Sendable private static func forward(_ shape: SoftCapShape) -> OperationCase {
    let count = shape.rows * shape.columns
    return OperationCase(operation: SoftCap.name, shape: "\(shape)", flops: 8 * count, elements: 2 * count) {
      bench in
      let (plan, columns, placement) = (RowPlan.rows(shape.rows), shape.columns, shape.placement)
      let bound = Rounding.bound(Rounding.tanh + Rounding.division + 1)
      let output =
        shape.isInPlace
        ? try bench.inPlace(
          "output", plan, columns: columns, placement, bound: bound, deviation: shape.deviation)
        : try bench.output("output", plan, columns: columns, placement, bound: bound)
      let operation = SoftCap(
        input: shape.isInPlace
          ? output
          : try bench.input("input", plan, columns: columns, placement, deviation: shape.deviation),
        cap: shape.cap, output: output, count: shape.rows)
      return { try bench.device.softCap(operation) }
    }
  }

  /// Bound: the quotient and four more roundings. The outputs are within half of the cap, where the difference of 1 and the
  /// quotient keeps its digits.
  @Sendable private static func backward(_ shape: SoftCapShape) -> OperationCase {
    let count = shape.rows * shape.columns
    return OperationCase(
      operation: SoftCapBackward.name, shape: "\(shape)", flops: 5 * count, elements: 3 * count
    ) { bench in
      let (plan, columns, placement) = (RowPlan.rows(shape.rows), shape.columns, shape.placement)
      let bound = Rounding.bound(2 * Rounding.division + 4)
      let inputGradient =
        shape.isInPlace
        ? try bench.inPlace("input gradient", plan, columns: columns, placement, bound: bound)
        : try bench.output("input gradient", plan, columns: columns, placement, bound: bound)
      let operation = SoftCapBackward(
        output: try bench.input(
          "output", plan, columns: columns, placement, deviation: Float(shape.cap) / 7),
        cap: shape.cap,
        outputGradient: shape.isInPlace
          ? inputGradient : try bench.input("output gradient", plan, columns: columns, placement),
        inputGradient: inputGradient, count: shape.rows)
      return { try bench.device.softCapBackward(operation) }
    }
  }
}
