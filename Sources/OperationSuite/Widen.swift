import Compute
import HalfPrecision

extension OperationSuite {
  static let widen = OperationDescriptor(
    Widen.name, quick: HalfShape.quick.map(widening), thorough: HalfShape.thorough.map(widening),
    benchmarks: HalfShape.study.map(widening))

  /// Bound: exact. The numbers are of every size that the format has, subnormal ones and zeros of both signs included; none
  /// is infinite.
  @Sendable private static func widening(_ shape: HalfShape) -> OperationCase {
    OperationCase(
      operation: Widen.name, shape: "\(shape)", flops: 0, elements: 3 * shape.rows * shape.columns / 2
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let exponent: UInt16 = shape.format == .float16 ? 0x7c00 : 0x7f80
      let words = (0..<(shape.numbers + 1) / 2).map { _ in
        (0..<2).reduce(Int32(0)) { word, _ in
          let bits = UInt16(bench.generator.indices(1, below: 1 << 16)[0])
          return word << 16 | Int32(bits & exponent == exponent ? bits & ~(exponent & 0x4400) : bits)
        }
      }
      let input = HalfMatrix(
        try bench.indices(words.isEmpty ? [0] : words), shape.format, columns: columns, offset: shape.before,
        stride: shape.stride)
      let operation = Widen(
        input: input,
        output: try bench.output("output", .rows(shape.rows), columns: columns, placement, bound: 0),
        count: shape.rows)
      return { try bench.device.widen(operation) }
    }
  }
}
