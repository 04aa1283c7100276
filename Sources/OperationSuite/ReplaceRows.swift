import Compute

/// A target and the blocks of it that are overwritten.
private struct ReplaceShape: Sendable, CustomStringConvertible {
  var name: String
  var rows: Int
  var columns: Int
  var replacements: [Replacement]
  var placement = Placement.plain

  var description: String { "rows \(rows), columns \(columns), \(name)\(placement)" }

  /// The number of elements of the source that the blocks read.
  var sourceExtent: Int {
    replacements.map {
      ($0.sourceOffset ?? 0) + max($0.rows.count - 1, 0) * $0.sourceStride + $0.columns.count
    }.max() ?? 0
  }

  static let quick = [
    ReplaceShape(
      name: "zeros, a vector and rows", rows: 50, columns: 93,
      replacements: [
        Replacement(rows: 0..<13, columns: 7..<40, sourceOffset: nil),
        Replacement(rows: 5..<20, columns: 40..<93, sourceOffset: 3),
        Replacement(rows: 20..<49, columns: 0..<33, sourceOffset: 60, sourceStride: 35),
      ], placement: .odd)
  ]
  static let thorough = [
    ReplaceShape(
      name: "zeros in a head", rows: 200, columns: 128,
      replacements: [Replacement(rows: 0..<200, columns: 32..<64, sourceOffset: nil)]),
    ReplaceShape(
      name: "a mean in a head", rows: 200, columns: 128,
      replacements: [Replacement(rows: 24..<48, columns: 96..<128, sourceOffset: 96)]),
    ReplaceShape(
      name: "whole rows", rows: 33, columns: 40,
      replacements: [Replacement(rows: 16..<33, columns: 0..<40, sourceOffset: 40, sourceStride: 40)],
      placement: .aligned),
    ReplaceShape(
      name: "one vector a lane", rows: 60, columns: 16,
      replacements: (0..<6).map {
        Replacement(rows: 10 * $0..<10 * $0 + 7, columns: 0..<16, sourceOffset: 17 * $0)
      }, placement: .odder),
    ReplaceShape(
      name: "no row and one element", rows: 7, columns: 5,
      replacements: [
        Replacement(rows: 3..<3, columns: 0..<5, sourceOffset: 0),
        Replacement(rows: 6..<7, columns: 4..<5, sourceOffset: 1),
      ]),
    ReplaceShape(name: "nothing", rows: 7, columns: 5, replacements: []),
  ]
  static let study = [
    ReplaceShape(
      name: "a mean in a head of each lane", rows: 1024, columns: 128,
      replacements: (0..<16).map {
        let head = 32 * ($0 % 4)
        return Replacement(rows: 64 * $0..<64 * ($0 + 1), columns: head..<head + 32, sourceOffset: head)
      }),
    ReplaceShape(
      name: "a mean in a head of each sequence", rows: 512, columns: 768,
      replacements: (0..<4).map {
        Replacement(rows: 128 * $0..<128 * ($0 + 1), columns: 64 * $0..<64 * ($0 + 1), sourceOffset: 64 * $0)
      }),
  ]
  static let large = [768, 4096].map { columns in
    ReplaceShape(
      name: "all rows", rows: 1024, columns: columns,
      replacements: [
        Replacement(rows: 0..<1024, columns: 0..<columns, sourceOffset: 0, sourceStride: columns)
      ])
  }
}

extension OperationSuite {
  static let replaceRows = OperationDescriptor(
    ReplaceRows.name, quick: ReplaceShape.quick.map(replace), thorough: ReplaceShape.thorough.map(replace),
    benchmarks: ReplaceShape.study.map(replace), large: ReplaceShape.large.map(replace))

  /// Bound: copies are exact. The target must keep its values outside the blocks.
  @Sendable private static func replace(_ shape: ReplaceShape) -> OperationCase {
    let moved = shape.replacements.reduce(0) { $0 + $1.rows.count * $1.columns.count }
    return OperationCase(operation: ReplaceRows.name, shape: "\(shape)", flops: 0, elements: 2 * moved) {
      bench in
      let (placement, columns) = (shape.placement, shape.columns)
      let target = Block(rows: Array(0..<shape.rows), extent: shape.rows, columns: columns, placement)
      let live = shape.replacements.flatMap { block in
        block.rows.flatMap { row in block.columns.map { target.starts[row] + $0 } }
      }
      var values = (0..<target.count).map(Workbench.canary)
      for element in live { values[element] = .nan }
      let source = Block(rows: [0], extent: 1, columns: max(shape.sourceExtent, 1), .plain)
      let operation = ReplaceRows(
        target: bench.matrix(
          try bench.output("target", values: values, live: live, bound: 0), columns, placement),
        source: try bench.input("source", source), replacements: shape.replacements)
      return { try bench.device.replaceRows(operation) }
    }
  }
}
