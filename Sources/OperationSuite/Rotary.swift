import Compute

/// The sizes of a rotation: rows of heads, and the number of positions.
private struct RotaryShape: Sendable, CustomStringConvertible {
  var rows: Int
  var heads: Int
  /// The number of columns of a head, which is even.
  var headWidth: Int
  /// The number of columns of a head that are rotated; nil for all.
  var rotated: Int?
  var positions: Int
  var isInverse = false
  var placement = Placement.plain

  var description: String {
    let direction = isInverse ? ", back" : ""
    return
      "rows \(rows), heads \(heads)×\(headWidth)\(rotated.map { ", \($0) rotated" } ?? ""), positions \(positions)\(direction)\(placement)"
  }

  static let quick = [
    RotaryShape(rows: 93, heads: 3, headWidth: 22, positions: 17, placement: .odd),
    RotaryShape(rows: 33, heads: 4, headWidth: 32, positions: 32, isInverse: true),
    RotaryShape(rows: 41, heads: 3, headWidth: 21, rotated: 6, positions: 9, placement: .odder),
  ]
  static let thorough = [
    RotaryShape(rows: 200, heads: 4, headWidth: 32, positions: 32),
    RotaryShape(rows: 200, heads: 4, headWidth: 32, positions: 24, placement: .aligned),
    RotaryShape(rows: 130, heads: 5, headWidth: 6, positions: 7, isInverse: true, placement: .odder),
    RotaryShape(rows: 7, heads: 1, headWidth: 2, positions: 1, placement: .odd),
    RotaryShape(rows: 70, heads: 4, headWidth: 64, rotated: 48, positions: 31, isInverse: true),
    RotaryShape(rows: 1, heads: 7, headWidth: 34, positions: 3, isInverse: true, placement: .odd),
    RotaryShape(
      rows: 40, heads: 2, headWidth: 64, positions: 93,
      placement: .view(first: 128, columns: 128, of: 384)),
    RotaryShape(rows: 0, heads: 2, headWidth: 10, positions: 5),
  ]
  static let study = [
    RotaryShape(rows: 1024, heads: 4, headWidth: 32, positions: 32),
    RotaryShape(rows: 512, heads: 12, headWidth: 64, positions: 128),
  ]
}

extension OperationSuite {
  static let rotary = OperationDescriptor(
    Rotary.name, quick: RotaryShape.quick.map(rotation), thorough: RotaryShape.thorough.map(rotation),
    benchmarks: RotaryShape.study.map(rotation))

  /// Bound: an output is two products and their sum, so it is off by at most u·(|a·cos| + |b·sin|) +
  /// u·|output|, which by Cauchy–Schwarz is below u·‖(a, b)‖ + u·|output|. Over a pair, whose length a
  /// rotation keeps, that is (√2 + 1)·u.
  @Sendable private static func rotation(_ shape: RotaryShape) -> OperationCase {
    let (columns, pairs) = (shape.heads * shape.headWidth, (shape.rotated ?? shape.headWidth) / 2)
    return OperationCase(
      operation: Rotary.name, shape: "\(shape)", flops: 3 * shape.rows * columns,
      elements: shape.rows * (2 * columns + 1) + shape.positions * 2 * pairs
    ) { bench in
      let placement = shape.placement
      // Points of the unit circle by its rational parametrisation: ((1 − t²)/(1 + t²), 2t/(1 + t²)).
      let tangents = (0..<shape.positions * pairs).map { _ in bench.generator.value() }
      let block = Block(
        rows: Array(0..<shape.positions), extent: shape.positions, columns: 2 * pairs, placement)
      let table = try bench.input("table", block) { position, column in
        let t = tangents[position * pairs + column % pairs]
        return (column < pairs ? 1 - t * t : 2 * t) / (1 + t * t)
      }
      let operation = Rotary(
        target: try bench.inPlace(
          "target", .rows(shape.rows), columns: columns, placement,
          bound: Rounding.bound(2.0.squareRoot() + 1)),
        heads: shape.heads,
        positions: try bench.indices(bench.generator.indices(shape.rows, below: shape.positions)),
        table: bench.matrix(table, 2 * pairs, placement), isInverse: shape.isInverse,
        count: shape.rows)
      return { try bench.device.rotary(operation) }
    }
  }
}
