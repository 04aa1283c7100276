import Compute

/// The sizes of a gate or an activation, and the operand (if any) that its output overwrites.
private struct GateShape: Sendable, CustomStringConvertible {
  var rows: Int
  var columns: Int
  var activation: Activation
  var isGated = true
  var isInPlace = false
  /// Only of the backward.
  var rule = BackwardRule.gradient
  var placement = Placement.plain

  var description: String {
    "rows \(rows), columns \(columns), \(activation.rawValue)\(isGated ? ", gated" : "")"
      + "\(isInPlace ? ", in place" : "")\(rule == .relevance ? ", relevance" : "")\(placement)"
  }

  static let quick = [
    GateShape(rows: 33, columns: 93, activation: .silu, placement: .odd),
    GateShape(rows: 19, columns: 40, activation: .geluTanh, isGated: false, isInPlace: true),
  ]
  static let thorough = [
    GateShape(rows: 200, columns: 128, activation: .geluTanh),
    GateShape(rows: 200, columns: 128, activation: .silu, isGated: false, placement: .aligned),
    GateShape(rows: 16, columns: 40, activation: .gelu, isInPlace: true, placement: .aligned),
    GateShape(rows: 70, columns: 33, activation: .gelu, isGated: false, placement: .odder),
    GateShape(rows: 93, columns: 7, activation: .identity, placement: .odd),
    GateShape(rows: 130, columns: 17, activation: .identity, isGated: false, isInPlace: true),
    GateShape(rows: 1, columns: 1, activation: .silu),
    GateShape(rows: 0, columns: 7, activation: .geluTanh),
  ]
  static let study = [
    GateShape(rows: 1024, columns: 512, activation: .silu),
    GateShape(rows: 512, columns: 3072, activation: .geluTanh, isGated: false),
  ]

  /// Arguments on both sides of the bend.
  func input(_ bench: Workbench) throws -> Matrix {
    try bench.input("input", .rows(rows), columns: columns, placement, deviation: 2)
  }

  func factor(_ bench: Workbench) throws -> Matrix? {
    isGated ? try bench.input("factor", .rows(rows), columns: columns, placement) : nil
  }
}

extension OperationSuite {
  static let gate = OperationDescriptor(
    Gate.name, quick: GateShape.quick.map(forward), thorough: GateShape.thorough.map(forward),
    benchmarks: GateShape.study.map(forward))

  /// Every activation, gated and alone.
  private static let relevances = Activation.allCases.flatMap { activation in
    [true, false].map {
      GateShape(rows: 37, columns: 21, activation: activation, isGated: $0, rule: .relevance, placement: .odd)
    }
  }

  static let gateBackward = OperationDescriptor(
    GateBackward.name, quick: GateShape.quick.map(backward),
    thorough: (GateShape.thorough + relevances).map(backward),
    benchmarks: GateShape.study.map(backward))

  /// The roundings of an activation and its derivative: those of an erf, or of an exponential whose argument, of size 3 in
  /// the bend, has four of its own, and a quotient, and a handful of products.
  private static func roundings(_ activation: Activation) -> Double {
    switch activation {
    case .identity: 1
    case .gelu: Rounding.erf + Rounding.exp + 4
    case .geluTanh, .silu: 3 * 4 + Rounding.exp + Rounding.division + 6
    }
  }

  @Sendable private static func forward(_ shape: GateShape) -> OperationCase {
    let (count, plan) = (shape.rows * shape.columns, RowPlan.rows(shape.rows))
    return OperationCase(
      operation: Gate.name, shape: "\(shape)", flops: 8 * count, elements: (shape.isGated ? 3 : 2) * count
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let bound = Rounding.bound(roundings(shape.activation))
      let output =
        shape.isInPlace
        ? try bench.inPlace("output", plan, columns: columns, placement, bound: bound)
        : try bench.output("output", plan, columns: columns, placement, bound: bound)
      let operation = Gate(
        input: shape.isInPlace ? output : try shape.input(bench), factor: try shape.factor(bench),
        activation: shape.activation, output: output, count: shape.rows)
      return { try bench.device.gate(operation) }
    }
  }

  @Sendable private static func backward(_ shape: GateShape) -> OperationCase {
    let (count, plan) = (shape.rows * shape.columns, RowPlan.rows(shape.rows))
    return OperationCase(
      operation: GateBackward.name, shape: "\(shape)", flops: 16 * count,
      elements: (shape.isGated ? 5 : 3) * count
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let bound = Rounding.bound(roundings(shape.activation))
      let inputGradient =
        shape.isInPlace
        ? try bench.inPlace("input gradient", plan, columns: columns, placement, bound: bound)
        : try bench.output("input gradient", plan, columns: columns, placement, bound: bound)
      let operation = GateBackward(
        input: try shape.input(bench), factor: try shape.factor(bench), activation: shape.activation,
        rule: shape.rule,
        outputGradient: shape.isInPlace
          ? inputGradient : try bench.input("output gradient", plan, columns: columns, placement),
        inputGradient: inputGradient,
        factorGradient: shape.isGated
          ? try bench.output("factor gradient", plan, columns: columns, placement, bound: bound) : nil,
        count: shape.rows)
      return { try bench.device.gateBackward(operation) }
    }
  }
}
