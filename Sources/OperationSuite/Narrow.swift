import Compute
import HalfPrecision

extension OperationSuite {
  static let narrow = OperationDescriptor(
    Narrow.name, quick: HalfShape.quick.map { narrowing($0) },
    thorough: HalfShape.thorough.map { narrowing($0) },
    benchmarks: HalfShape.study.map { narrowing($0, isTimed: true) })

  /// Bound: exact. The numbers are of every size that the format has, subnormal ones included, many of them half-way between
  /// two numbers of the format. Where something was written, the device's `widen` shows: it reads the whole buffer, also between
  /// the rows.
  ///
  /// - Parameter isTimed: whether the case is timed, and its output not read.
  private static func narrowing(_ shape: HalfShape, isTimed: Bool = false) -> OperationCase {
    OperationCase(
      operation: Narrow.name, shape: "\(shape)", flops: 0, elements: 3 * shape.rows * shape.columns / 2
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let numbers = 2 * max((shape.numbers + 1) / 2, 1)
      let words = (0..<numbers / 2).map { index in Int32(index % 1000 * 0x1_0001) }
      let half = HalfMatrix(
        try bench.indices(words), shape.format, columns: columns, offset: shape.before, stride: shape.stride)
      let block = Block(rows: Array(0..<shape.rows), extent: shape.rows, columns: columns, placement)
      let input = bench.matrix(
        try bench.input("input", block) { _, _ in shape.format.hardValue(&bench.generator) }, columns,
        placement)
      let narrowing = Narrow(input: input, output: half, count: shape.rows)
      guard !isTimed else { return { try bench.device.narrow(narrowing) } }
      let whole = Widen(
        input: HalfMatrix(half.words, shape.format, columns: numbers),
        output: try bench.output("output", .rows(1), columns: numbers, .plain, bound: 0), count: 1)
      return {
        try bench.device.narrow(narrowing)
        try bench.device.widen(whole)
      }
    }
  }
}

extension HalfFormat {
  /// A value of either sign, every third of them half-way between two numbers of the format.
  fileprivate func hardValue(_ generator: inout CaseGenerator) -> Float {
    // Below the largest number by more than rounding, and down to a quarter of the smallest that is not zero.
    let exponents = self == .float16 ? -26..<15 : -126..<127
    let exponent = exponents.lowerBound + generator.integer(below: exponents.count)
    var fraction = UInt32(generator.integer(below: 1 << 23))
    let dropped: UInt32 = self == .float16 ? 13 : 16
    if generator.integer(below: 3) == 0 { fraction = (fraction >> dropped) << dropped | 1 << (dropped - 1) }
    let magnitude = Float(
      sign: .plus, exponent: exponent, significand: Float(bitPattern: 0x3f80_0000 | fraction))
    return generator.integer(below: 2) == 0 ? magnitude : -magnitude
  }
}
