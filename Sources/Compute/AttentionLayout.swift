/// One sequence of a packed batch as attention sees it. Query rows may be fewer than key rows: the last
/// block computes queries at target rows only.
public struct AttentionSequence: Equatable, Sendable {
  public var firstQuery: Int
  public var queryCount: Int
  public var firstKey: Int
  public var keyCount: Int

  public init(firstQuery: Int, queryCount: Int, firstKey: Int, keyCount: Int) {
    self.firstQuery = firstQuery
    self.queryCount = queryCount
    self.firstKey = firstKey
    self.keyCount = keyCount
  }
}

/// Which keys each query row sees: those of its sequence up to its own position. Immutable.
public final class AttentionLayout {
  public let sequences: [AttentionSequence]
  /// By query row: its position within its sequence; the query sees keys `0...position` of the sequence.
  /// Ascending within a sequence.
  public let positions: [Int32]
  public let queryExtent: Int
  public let keyExtent: Int
  public let longestSequence: Int
  /// A device's own form of the layout, made on first use.
  public var deviceForm: AnyObject?

  /// - Throws: `ComputeError` when sequences overlap or a position lies outside its sequence.
  public init(_ sequences: [AttentionSequence], positions: [Int32]) throws {
    var (queryEnd, keyEnd, longest) = (0, 0, 0)
    for sequence in sequences {
      guard sequence.firstQuery >= queryEnd, sequence.firstKey >= keyEnd, sequence.queryCount >= 0,
        sequence.keyCount >= 0, sequence.firstQuery + sequence.queryCount <= positions.count
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
