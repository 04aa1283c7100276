/// The lists of a ``RowMap`` on the host, made where batches are packed.
struct RowMapLists: Sendable {
  let count: Int
  let sourceCount: Int
  /// [count]; nil if nothing is copied.
  let indices: [Int32]?
  /// The copies of each source row, [sourceCount + 1] and [count]; nil if no gradient is summed.
  let inverse: (starts: [Int32], copies: [Int32])?

  /// - Parameters:
  ///   - isCopied: whether `RowMap.copy` will be called.
  ///   - hasGradient: whether `RowMap.sum` will be called.
  init(_ indices: [Int32], of sourceCount: Int, isCopied: Bool = true, hasGradient: Bool = true) {
    count = indices.count
    self.sourceCount = sourceCount
    self.indices = isCopied ? indices : nil
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
    inverse = (starts, copies)
  }
}

/// The lists of ``SharedRows`` on the host.
struct SharedRowsLists: Sendable {
  /// Set if rows are distinct.
  let inputs: (rows: RowMapLists, keys: RowMapLists)?
  let keysOfRows: RowMapLists

  /// - Parameter copiesKeys: whether keys are copied to rows of their own; else attention reads them where they are.
  init(_ rows: BatchRows, copiesKeys: Bool) {
    let inputCount = rows.tokens.count
    inputs =
      rows.rowInputs.isEmpty
      ? nil
      : (
        RowMapLists(rows.rowInputs, of: inputCount),
        RowMapLists(rows.keyInputs, of: inputCount, isCopied: copiesKeys)
      )
    keysOfRows = RowMapLists(
      rows.keyRows, of: rows.rowPositions.count, isCopied: copiesKeys, hasGradient: inputs != nil)
  }
}
