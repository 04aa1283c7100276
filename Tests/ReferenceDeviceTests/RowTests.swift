import Compute
import ReferenceDevice
import TestDevices
import Testing

/// Operations that move, add or summarise rows, compared with examples computed by hand.
@Suite struct RowTests {
  let lab = ReferenceLab(seed: 7)

  private func table(_ values: [Double], columns: Int) throws -> Matrix {
    Matrix(try lab.buffer(values), columns: columns)
  }

  @Test("gather_rows copies rows, also the same row twice")
  func gather() throws {
    let output = try table([0, 0, 0, 0, 0, 0, 7, 7], columns: 2)
    try lab.device.gatherRows(
      GatherRows(
        input: try table([1, 2, 3, 4, 5, 6], columns: 2),
        indices: try lab.device.makeBuffer([2, 0, 2] as [Int32]), output: output, count: 3))
    #expect(try lab.values(output.buffer) == [5, 6, 1, 2, 5, 6, 7, 7])
  }

  @Test("scatter_rows adds rows at the given indices and leaves the others unchanged")
  func scatter() throws {
    let output = try table([10, 20, 30, 40, 50, 60], columns: 2)
    try lab.device.scatterRows(
      ScatterRows(
        input: try table([1, 2, 3, 4], columns: 2), indices: try lab.device.makeBuffer([2, 0] as [Int32]),
        output: output, count: 2))
    #expect(try lab.values(output.buffer) == [13, 24, 30, 40, 51, 62])
  }

  @Test("sum_rows adds the members of each row, and gives zero for a row without members")
  func sum() throws {
    let output = try table([7, 7, 7, 7, 7, 7, 7, 7], columns: 2)
    try lab.device.sumRows(
      SumRows(
        input: try table([1, 2, 3, 4, 5, 6], columns: 2),
        starts: try lab.device.makeBuffer([0, 2, 2, 3] as [Int32]),
        members: try lab.device.makeBuffer([2, 0, 1] as [Int32]), memberCount: 3, output: output, count: 3))
    #expect(try lab.values(output.buffer) == [6, 8, 0, 0, 3, 4, 7, 7])
  }

  @Test("add computes a sum, also into an operand, and leaves the padding unchanged")
  func add() throws {
    let left = Matrix(try lab.buffer([1, 2, -1, 3, 4, -1]), columns: 2, stride: 3)
    let right = try table([10, 20, 30, 40], columns: 2)
    try lab.device.add(Add(left: left, right: right, output: left, count: 2))
    #expect(try lab.values(left.buffer) == [11, 22, -1, 33, 44, -1])
  }

  @Test("replace_rows writes zeros, a repeated vector, and rows of a matrix")
  func replace() throws {
    let target = try table([Double](repeating: 9, count: 12), columns: 3)
    try lab.device.replaceRows(
      ReplaceRows(
        target: target, source: try lab.buffer([1, 2, 3, 4, 5, 6, 7]),
        replacements: [
          Replacement(rows: 0..<1, columns: 1..<3, sourceOffset: nil),
          Replacement(rows: 1..<3, columns: 0..<2, sourceOffset: 1),
          Replacement(rows: 2..<4, columns: 2..<3, sourceOffset: 3, sourceStride: 3),
        ]))
    #expect(try lab.values(target.buffer) == [9, 0, 0, 2, 3, 9, 2, 3, 4, 9, 9, 7])
  }

  @Test("column_means averages each group of rows, with the lanes of a model separate")
  func means() throws {
    let output = try lab.zeros(6)
    try lab.device.columnMeans(
      ColumnMeans(
        input: try table([1, 10, 3, 30, 5, 50, 99, 99, 7, 80], columns: 2),
        output: Matrix(output, columns: 2),
        rows: try RowGroups([
          RowGroup(model: 0, lane: 0, firstRow: 0, count: 2),
          RowGroup(model: 0, lane: 1, firstRow: 2, count: 1),
          RowGroup(model: 1, firstRow: 4, count: 1),
        ])))
    #expect(try lab.values(output) == [2, 20, 5, 50, 7, 80])
  }

  @Test("segment_norms computes the norms of blocks of a flat buffer")
  func norms() throws {
    let output = try lab.buffer([7, 7, 7])
    try lab.device.segmentNorms(
      SegmentNorms(
        input: try lab.buffer([3, 0, 100, 4, 0, 100, 12]),
        segments: [
          Segment(offset: 0, rows: 2, columns: 2, stride: 3),
          Segment(offset: 6, rows: 1, columns: 1, stride: 1),
        ], output: output))
    #expect(try lab.values(output) == [5, 12, 7])
  }

  @Test("a model without rows keeps its gradients unchanged")
  func modelsWithoutRows() throws {
    let gradient = try lab.buffer([5, 6, 7])
    let parameter = Parameter(gradient, rows: 1, columns: 1, modelStride: 1)
    let rows = try RowGroups([RowGroup(model: 2, firstRow: 0, count: 2)])
    let one = try table([1, 1], columns: 1)
    try lab.device.matmulWeightGradient(
      MatmulWeightGradient(input: one, outputGradient: one, weightGradient: parameter, rows: rows))
    #expect(try lab.values(gradient) == [5, 6, 2])
  }
}
