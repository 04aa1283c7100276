import Compute

/// Rows that are copies of other rows: row i is a copy of row `indices[i]` of a source.
struct RowMap {
  private let count: Int
  private let sourceCount: Int
  /// int32 [count]; nil if nothing is copied.
  private let indices: (any Buffer)?
  /// The copies of each source row: int32 [sourceCount + 1] and [count]; nil if no gradient is summed.
  private let inverse: (starts: any Buffer, copies: any Buffer)?

  /// - Parameters:
  ///   - isCopied: whether `copy` will be called.
  ///   - hasGradient: whether `sum` will be called.
  init(
    _ indices: [Int32], of sourceCount: Int, isCopied: Bool = true, hasGradient: Bool = true,
    on device: any BufferMaking
  ) throws {
    count = indices.count
    self.sourceCount = sourceCount
    self.indices = isCopied ? try device.makeConstant(indices) : nil
    guard hasGradient else {
      inverse = nil
      return
    }
    var starts = [Int32](repeating: 0, count: sourceCount + 1)
    for index in indices { starts[Int(index) + 1] += 1 }
    for row in 0..<sourceCount { starts[row + 1] += starts[row] }
    var next = starts
    var copies = [Int32](repeating: 0, count: indices.count)
    for (row, index) in indices.enumerated() {
      copies[Int(next[Int(index)])] = Int32(row)
      next[Int(index)] += 1
    }
    inverse = (try device.makeConstant(starts), try device.makeConstant(copies))
  }

  /// Copies [source rows] to [rows].
  ///
  /// - Throws: `ModelError.batch` if the map was made without copies.
  func copy(_ source: Matrix, into output: Matrix, on device: any Device) throws {
    guard let indices else { throw ModelError.batch("the keys of this batch are read where they are") }
    try device.gatherRows(GatherRows(input: source, indices: indices, output: output, count: count))
  }

  /// The gradient of `copy`: sums [rows] into [source rows].
  ///
  /// - Throws: `ModelError.batch` if the map was made without a gradient.
  func sum(_ gradient: Matrix, into output: Matrix, on device: any Device) throws {
    guard let inverse else { throw ModelError.batch("this batch was made for forwards alone") }
    try device.sumRows(
      SumRows(
        input: gradient, starts: inverse.starts, members: inverse.copies, memberCount: count, output: output,
        count: sourceCount))
  }
}

/// Connects the rows of a batch to the keys and values of each sequence, one sequence after another, if sequences share rows.
///
/// Attention is causal, so a row depends only on its prefix. Sequences of a lane that begin alike may share rows, and lanes
/// may share those of the first lane.
struct SharedRows {
  /// Set if rows are distinct.
  let inputs: SharedInputs?
  private let keysOfRows: RowMap

  /// - Parameter copiesKeys: whether keys are copied to rows of their own; else attention reads them where they are.
  init(_ rows: BatchRows, copiesKeys: Bool, on device: any BufferMaking) throws {
    inputs = rows.rowInputs.isEmpty ? nil : try SharedInputs(rows, copiesKeys: copiesKeys, on: device)
    keysOfRows = try RowMap(
      rows.keyRows, of: rows.rowPositions.count, isCopied: copiesKeys, hasGradient: inputs != nil, on: device)
  }

  /// Maps the rows that enter a block to keys and values.
  func keys(ofBlock layer: Int) -> RowMap { layer == 0 ? inputs?.keys ?? keysOfRows : keysOfRows }
}

/// The rows that enter the first block of a batch of distinct rows. Before the first attention, a row depends only on its
/// token (and on its position, if positions are embedded), and the lanes of a model do not differ yet.
struct SharedInputs {
  /// Maps them to rows.
  let rows: RowMap
  /// Maps them to the keys and values of each sequence.
  let keys: RowMap

  init(_ lists: BatchRows, copiesKeys: Bool, on device: any BufferMaking) throws {
    rows = try RowMap(lists.rowInputs, of: lists.tokens.count, on: device)
    keys = try RowMap(lists.keyInputs, of: lists.tokens.count, isCopied: copiesKeys, on: device)
  }
}
