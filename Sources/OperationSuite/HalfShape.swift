import HalfPrecision

/// The sizes of a matrix in half precision, and where it is among the numbers of its buffer.
struct HalfShape: Sendable, CustomStringConvertible {
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
    HalfShape(rows: 19, columns: 93, format: $0, before: 3, between: 7, placement: .odd)
  }
  static let thorough =
    HalfFormat.allCases.flatMap { format in
      [
        HalfShape(rows: 200, columns: 128, format: format),
        HalfShape(rows: 7, columns: 33, format: format, between: 1, placement: .odder),
        HalfShape(rows: 16, columns: 40, format: format, before: 16, placement: .aligned),
        HalfShape(rows: 1, columns: 1, format: format, before: 1),
      ]
    } + [HalfShape(rows: 0, columns: 7, format: .float16)]
  static let study = HalfFormat.allCases.map { HalfShape(rows: 768, columns: 3072, format: $0) }
}
