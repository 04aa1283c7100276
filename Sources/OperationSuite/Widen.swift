import Compute
import HalfPrecision

/// The sizes of a matrix in half precision, and where it is among the numbers of its buffer.
private struct WidenShape: Sendable, CustomStringConvertible {
  var rows: Int
  var columns: Int
  var format: HalfFormat
  /// The numbers before the first row.
  var before = 0
  /// The numbers between two rows.
  var between = 0
  var placement = Placement.plain

  var description: String {
    "rows \(rows), columns \(columns), \(format)"
      + (before + between > 0 ? ", \(before) numbers before, \(between) between rows" : "") + "\(placement)"
  }

  var stride: Int { columns + between }
  var numbers: Int { before + rows * stride }

  static let quick = HalfFormat.allCases.map {
    WidenShape(rows: 19, columns: 93, format: $0, before: 3, between: 7, placement: .odd)
  }
  static let thorough =
    HalfFormat.allCases.flatMap { format in
      [
        WidenShape(rows: 200, columns: 128, format: format),
        WidenShape(rows: 7, columns: 33, format: format, between: 1, placement: .odder),
        WidenShape(rows: 16, columns: 40, format: format, before: 16, placement: .aligned),
        WidenShape(rows: 1, columns: 1, format: format, before: 1),
      ]
    } + [WidenShape(rows: 0, columns: 7, format: .float16)]
  static let study = HalfFormat.allCases.map { WidenShape(rows: 768, columns: 3072, format: $0) }
}

extension OperationSuite {
  static let widen = OperationDescriptor(
    Widen.name, quick: WidenShape.quick.map(widening), thorough: WidenShape.thorough.map(widening),
    benchmarks: WidenShape.study.map(widening))

  /// Bound: exact. The numbers are of every size that the format has, subnormal ones and zeros of both signs included; none
  /// is infinite.
  @Sendable private static func widening(_ shape: WidenShape) -> OperationCase {
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
