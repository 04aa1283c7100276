import Compute

/// Rows moved between two matrices.
private struct RowsShape: Sendable, CustomStringConvertible {
  /// The number of rows moved.
  var count: Int
  /// The number of rows of the larger matrix, to which the indices refer.
  var rows: Int
  var columns: Int
  var placement = Placement.plain

  var description: String { "\(count) of \(rows) rows, columns \(columns)\(placement)" }

  static let quick = [RowsShape(count: 40, rows: 93, columns: 33, placement: .odd)]
  static let thorough = [
    RowsShape(count: 100, rows: 200, columns: 128),
    RowsShape(count: 100, rows: 200, columns: 128, placement: .aligned),
    RowsShape(count: 7, rows: 16, columns: 7, placement: .odder),
    RowsShape(count: 1, rows: 1, columns: 1),
    RowsShape(count: 93, rows: 93, columns: 104, placement: .odd),
    RowsShape(count: 0, rows: 5, columns: 16),
  ]
  static let study = [
    RowsShape(count: 512, rows: 1024, columns: 128), RowsShape(count: 256, rows: 512, columns: 768),
  ]
}

extension OperationSuite {
  static let gatherRows = OperationDescriptor(
    GatherRows.name, quick: RowsShape.quick.map(gather), thorough: RowsShape.thorough.map(gather),
    benchmarks: RowsShape.study.map(gather))

  static let scatterRows = OperationDescriptor(
    ScatterRows.name, quick: RowsShape.quick.map(scatter), thorough: RowsShape.thorough.map(scatter),
    benchmarks: RowsShape.study.map(scatter))

  static let sumRows = OperationDescriptor(
    SumRows.name, quick: RowsShape.quick.map(sum), thorough: RowsShape.thorough.map(sum),
    benchmarks: RowsShape.study.map(sum))

  /// Bound: copies are exact. Some indices repeat.
  @Sendable private static func gather(_ shape: RowsShape) -> OperationCase {
    OperationCase(
      operation: GatherRows.name, shape: "\(shape)", flops: 0, elements: shape.count * (2 * shape.columns + 1)
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let operation = GatherRows(
        input: try bench.input("input", .rows(shape.rows), columns: columns, placement),
        indices: try bench.indices(bench.generator.indices(shape.count, below: shape.rows)),
        output: try bench.output("output", .rows(shape.count), columns: columns, placement, bound: 0),
        count: shape.count)
      return { try bench.device.gatherRows(operation) }
    }
  }

  /// Bound: one addition. Rows that no index names must keep their values.
  @Sendable private static func scatter(_ shape: RowsShape) -> OperationCase {
    OperationCase(
      operation: ScatterRows.name, shape: "\(shape)", flops: shape.count * shape.columns,
      elements: shape.count * (3 * shape.columns + 1)
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let indices = bench.generator.distinctIndices(shape.count, below: shape.rows)
      let block = Block(
        rows: indices.sorted().map(Int.init), extent: shape.rows, columns: columns, placement)
      let part = Workbench.Part(name: "output", columns: 0..<columns, bound: Rounding.bound(1))
      let output = try bench.output([part], block) { _, _ in bench.generator.value() }
      let operation = ScatterRows(
        input: try bench.input("input", .rows(shape.count), columns: columns, placement),
        indices: try bench.indices(indices), output: bench.matrix(output, columns, placement),
        count: shape.count)
      return { try bench.device.scatterRows(operation) }
    }
  }

  /// Bound: an output row may be the sum of all rows. Every row of the larger matrix is a member of some
  /// output row. The first output row has as many members as all others together; some have none.
  @Sendable private static func sum(_ shape: RowsShape) -> OperationCase {
    OperationCase(
      operation: SumRows.name,
      shape: "\(shape.rows) into \(shape.count) rows, columns \(shape.columns)\(shape.placement)",
      flops: shape.rows * shape.columns, elements: (shape.rows + shape.count) * (shape.columns + 1)
    ) { bench in
      let (columns, placement) = (shape.columns, shape.placement)
      let owners = bench.generator.indices(shape.rows, below: max(2 * shape.count, 1)).map { owner in
        shape.count == 0 ? 0 : Int(owner) < shape.count ? Int(owner) : 0
      }
      var starts: [Int32] = [0]
      var members: [Int32] = []
      for row in 0..<shape.count {
        members += owners.indices.filter { owners[$0] == row }.map(Int32.init)
        starts.append(Int32(members.count))
      }
      let operation = SumRows(
        input: try bench.input("input", .rows(shape.rows), columns: columns, placement, mean: 0.5),
        starts: try bench.indices(starts), members: try bench.indices(members), memberCount: members.count,
        output: try bench.output(
          "output", .rows(shape.count), columns: columns, placement,
          bound: Rounding.bound(Rounding.sum(shape.rows))), count: shape.count)
      return { try bench.device.sumRows(operation) }
    }
  }
}
