/// Why a statistic has no value for the numbers given.
package enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Two vectors that should be paired have different counts.
  case unequalCounts(Int, Int)
  /// Fewer values than the statistic needs.
  case tooFew(needed: Int, found: Int)
  /// A value that has no place in an order (NaN) or in a sum (NaN, infinity) at this index.
  case notANumber(index: Int)
  /// An argument, named, outside the values it may have.
  case outOfRange(String, Double)

  package var description: String {
    switch self {
    case .unequalCounts(let left, let right):
      "paired values must be as many on both sides, found \(left) and \(right)"
    case .tooFew(let needed, let found):
      "at least \(needed) values are needed, found \(found)"
    case .notANumber(let index):
      "value \(index) is not a finite number; leave it out or find where it comes from"
    case .outOfRange(let name, let value):
      "\(name) cannot be \(value)"
    }
  }
}

/// Refuses NaN and infinity.
func requireFinite(_ values: [Double]) throws(StatisticsError) {
  if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notANumber(index: index) }
}

/// Refuses a confidence level outside (0, 1) and fewer than one draw.
func require(level: Double = 0.95, draws: Int) throws(StatisticsError) {
  guard level > 0, level < 1 else { throw .outOfRange("a confidence level", level) }
  guard draws > 0 else { throw .outOfRange("a number of draws", Double(draws)) }
}
