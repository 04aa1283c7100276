import Compute

/// The segments of a flat buffer.
private struct NormsShape: Sendable, CustomStringConvertible {
  var name: String
  var segments: [Segment]

  var description: String { name }

  var extent: Int { segments.map { $0.offset + ($0.rows - 1) * $0.stride + $0.columns }.max() ?? 0 }
  var elements: Int { segments.reduce(0) { $0 + $1.rows * $1.columns } }

  static let quick = [
    NormsShape(
      name: "odd segments that overlap",
      segments: [
        Segment(offset: 1, rows: 7, columns: 33, stride: 40),
        Segment(offset: 3, rows: 93, columns: 1, stride: 3),
        Segment(offset: 0, rows: 1, columns: 1, stride: 1),
        Segment(offset: 128, rows: 16, columns: 16, stride: 16),
      ])
  ]
  static let thorough = [
    NormsShape(
      name: "heads of 128×384 and its MLP",
      segments: (0..<12).map { Segment(offset: 32 * $0, rows: 128, columns: 32, stride: 384) }
        + [Segment(offset: 49_152, rows: 1, columns: 65_536, stride: 65_536)]),
    NormsShape(
      name: "five heads of width 5",
      segments: (0..<5).map { Segment(offset: 5 * $0 + 1, rows: 25, columns: 5, stride: 25) }),
    NormsShape(
      name: "a column of 100000 and a row of them",
      segments: [
        Segment(offset: 1, rows: 100_000, columns: 1, stride: 2),
        Segment(offset: 3, rows: 1, columns: 100_000, stride: 100_000),
      ]),
    NormsShape(name: "no segment", segments: []),
  ]
  static let study = [
    NormsShape(
      name: "48 heads of 128×32",
      segments: (0..<48).map {
        Segment(offset: $0 / 12 * 49_152 + $0 % 12 * 32, rows: 128, columns: 32, stride: 384)
      }),
    NormsShape(
      name: "12 heads of 768×64",
      segments: (0..<12).map { Segment(offset: $0 * 64, rows: 768, columns: 64, stride: 2304) }),
  ]
  static let large = [(50_257, 768), (151_936, 768), (50_257, 4096)].map { rows, columns in
    NormsShape(
      name: "a table of \(rows)×\(columns)",
      segments: [Segment(offset: 0, rows: rows, columns: columns, stride: columns)])
  }
}

extension OperationSuite {
  static let segmentNorms = OperationDescriptor(
    SegmentNorms.name, quick: NormsShape.quick.map(norms), thorough: NormsShape.thorough.map(norms),
    benchmarks: NormsShape.study.map(norms), large: NormsShape.large.map(norms))

  /// Bound: a compensated sum of squares in each of sixteen lanes, the sum of the lanes, and the root, which
  /// halves the error so far.
  @Sendable private static func norms(_ shape: NormsShape) -> OperationCase {
    let bound = Rounding.bound((Rounding.compensated + Rounding.sum(16)) / 2 + Rounding.squareRoot)
    return OperationCase(
      operation: SegmentNorms.name, shape: "\(shape)", flops: 2 * shape.elements,
      elements: shape.elements + shape.segments.count
    ) { bench in
      let operation = SegmentNorms(
        input: try bench.input(
          "input", Block(rows: [0], extent: 1, columns: max(shape.extent, 1), .plain), deviation: 0.1),
        segments: shape.segments,
        output: try bench.output(
          "output",
          Block(rows: Array(shape.segments.indices), extent: shape.segments.count, columns: 1, .plain),
          bound: bound))
      return { try bench.device.segmentNorms(operation) }
    }
  }
}
