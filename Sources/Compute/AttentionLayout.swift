/// One sequence of a packed batch as attention sees it. It may have fewer query rows than key rows, because
/// the last block computes queries at target rows only.
package struct AttentionSequence: Equatable, Sendable {
  package var firstQuery: Int
  package var queryCount: Int
  package var firstKey: Int
  package var keyCount: Int

  package init(firstQuery: Int, queryCount: Int, firstKey: Int, keyCount: Int) {
    self.firstQuery = firstQuery
    self.queryCount = queryCount
    self.firstKey = firstKey
    self.keyCount = keyCount
  }
}

/// Which keys each query row sees: the keys of its sequence up to its own position. Immutable.
package final class AttentionLayout: Sendable {
  package let sequences: [AttentionSequence]
  /// For each query row, its position within its sequence: the query sees the keys `0...position` of the
  /// sequence. Positions ascend within a sequence.
  package let positions: [Int32]
  /// One past the last query row.
  package let queryExtent: Int
  /// One past the last key.
  package let keyExtent: Int
  /// The largest number of keys in a sequence.
  package let longestSequence: Int
  package let formKey = FormKey()

  /// - Throws: `ComputeError` if sequences overlap or a position lies outside its sequence.
  package init(_ sequences: [AttentionSequence], positions: [Int32]) throws {
    var (queryEnd, keyEnd, longest) = (0, 0, 0)
    for sequence in sequences {
      guard sequence.firstQuery >= queryEnd, sequence.firstKey >= keyEnd, sequence.queryCount >= 0,
        sequence.keyCount >= 0, sequence.keyCount <= Int.max - sequence.firstKey,
        sequence.firstQuery <= positions.count, sequence.queryCount <= positions.count - sequence.firstQuery
      else { throw ComputeError.invalid("attention layout", "sequences must be in order and not overlap") }
      queryEnd = sequence.firstQuery + sequence.queryCount
      keyEnd = sequence.firstKey + sequence.keyCount
      longest = max(longest, sequence.keyCount)
      var previous: Int32 = -1
      for position in positions[sequence.firstQuery..<queryEnd] {
        guard position > previous, Int(position) < sequence.keyCount else {
          throw ComputeError.invalid("attention layout", "a query's position lies outside its sequence")
        }
        previous = position
      }
    }
    self.sequences = sequences
    self.positions = positions
    queryExtent = queryEnd
    keyExtent = keyEnd
    longestSequence = longest
  }
}
