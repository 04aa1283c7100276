import Compute

/// Rows that are copies of other rows: row i is a copy of row `indices[i]` of a source.
struct RowMap {
  private let count: Int
  private let sourceCount: Int
  /// int32 [count]
  private let indices: any Buffer
  /// The copies of each source row: int32 [sourceCount + 1] and [count].
  private let starts: any Buffer
  private let copies: any Buffer

  init(_ indices: [Int32], of sourceCount: Int, on device: any BufferMaking) throws {
    var starts = [Int32](repeating: 0, count: sourceCount + 1)
    for index in indices { starts[Int(index) + 1] += 1 }
    for row in 0..<sourceCount { starts[row + 1] += starts[row] }
    var next = starts
    var copies = [Int32](repeating: 0, count: indices.count)
    for (row, index) in indices.enumerated() {
      copies[Int(next[Int(index)])] = Int32(row)
      next[Int(index)] += 1
    }
    count = indices.count
    self.sourceCount = sourceCount
    self.indices = try device.makeConstant(indices)
    self.starts = try device.makeConstant(starts)
    self.copies = try device.makeConstant(copies)
  }

  /// Copies [source rows] to [rows].
  func copy(_ source: Matrix, into output: Matrix, on device: any Device) throws {
    try device.gatherRows(GatherRows(input: source, indices: indices, output: output, count: count))
  }

  /// The gradient of `copy`: sums [rows] into [source rows].
  func sum(_ gradient: Matrix, into output: Matrix, on device: any Device) throws {
    try device.sumRows(
      SumRows(
        input: gradient, starts: starts, members: copies, memberCount: count, output: output,
        count: sourceCount))
  }
}

/// Connects the row spaces of a batch in which each distinct row is computed once.
///
/// Attention is causal, so a row depends only on its prefix: sequences of a lane that begin alike share rows.
/// Before the first attention, a row depends only on its token (and on its position, if positions are
/// embedded), and the lanes of a model do not differ yet. These rows are the inputs.
struct SharedRows {
  let rowsOfInputs: RowMap
  /// The keys and values of each sequence, one sequence after another.
  let keysOfInputs: RowMap
  let keysOfRows: RowMap

  init(_ rows: BatchRows, on device: any BufferMaking) throws {
    let inputs = rows.tokens.count
    rowsOfInputs = try RowMap(rows.rowInputs, of: inputs, on: device)
    keysOfInputs = try RowMap(rows.keyInputs, of: inputs, on: device)
    keysOfRows = try RowMap(rows.keyRows, of: rows.rowInputs.count, on: device)
  }

  /// Maps the rows that enter a block to keys and values.
  func keys(ofBlock layer: Int) -> RowMap { layer == 0 ? keysOfInputs : keysOfRows }
}
