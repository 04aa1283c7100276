import Compute

/// Rows that are copies of other rows: row i is a copy of row `indices[i]` of a source.
struct RowMap {
  private let lists: RowMapLists
  /// int32 [count]; nil if nothing is copied.
  private let indices: (any Buffer)?
  /// The copies of each source row: int32 [sourceCount + 1] and [count]; nil if no gradient is summed.
  private let inverse: (starts: any Buffer, copies: any Buffer)?

  init(_ lists: RowMapLists, on device: any BufferMaking) throws {
    self.lists = lists
    indices = try lists.indices.map { try device.makeConstant($0) }
    inverse = try lists.inverse.map {
      (try device.makeConstant($0.starts), try device.makeConstant($0.copies))
    }
  }

  /// Copies [source rows] to [rows].
  ///
  /// - Throws: `ModelError.batch` if the map was made without copies.
  func copy(_ source: Matrix, into output: Matrix, on device: any Device) throws {
    guard let indices else { throw ModelError.batch("the keys of this batch are read where they are") }
    try device.gatherRows(GatherRows(input: source, indices: indices, output: output, count: lists.count))
  }

  /// The gradient of `copy`: sums [rows] into [source rows].
  ///
  /// - Throws: `ModelError.batch` if the map was made without a gradient.
  func sum(_ gradient: Matrix, into output: Matrix, on device: any Device) throws {
    guard let inverse else { throw ModelError.batch("this batch was made for forwards alone") }
    try device.sumRows(
      SumRows(
        input: gradient, starts: inverse.starts, members: inverse.copies, memberCount: lists.count,
        output: output,
        count: lists.sourceCount))
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

  init(_ lists: SharedRowsLists, on device: any BufferMaking) throws {
    inputs = try lists.inputs.map {
      SharedInputs(rows: try RowMap($0.rows, on: device), keys: try RowMap($0.keys, on: device))
    }
    keysOfRows = try RowMap(lists.keysOfRows, on: device)
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
}
