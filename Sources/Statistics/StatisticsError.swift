/// Why a statistic has no value for the numbers given.
public enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Two vectors that should be paired have different counts.
  case unequalCounts(Int, Int)
  /// Fewer values than the statistic needs.
  case tooFew(needed: Int, found: Int)
  /// A value that has no place in an order (NaN) or in a sum (NaN, infinity) at this index.
  case notANumber(index: Int)

  public var description: String {
    switch self {
    case .unequalCounts(let left, let right):
      "paired values must be as many on both sides, found \(left) and \(right)"
    case .tooFew(let needed, let found):
      "at least \(needed) values are needed, found \(found)"
    case .notANumber(let index):
      "value \(index) is not a finite number; leave it out or find where it comes from"
    }
  }
}
