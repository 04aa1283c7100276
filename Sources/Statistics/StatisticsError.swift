/// Why a statistic cannot be computed from its arguments.
package enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Two lists that should be paired have different counts.
  case unequalCounts(Int, Int)
  /// There are fewer values than the statistic needs.
  case tooFew(needed: Int, found: Int)
  /// The value at this index cannot be ordered (NaN) or summed (NaN, infinity).
  case notANumber(index: Int)
  /// The named argument lies outside its allowed range.
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

/// Throws `notANumber` for NaN and infinity.
func requireFinite(_ values: [Double]) throws(StatisticsError) {
  if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notANumber(index: index) }
}

/// Throws `outOfRange` for a confidence level outside (0, 1) and for fewer than one draw.
func require(level: Double = 0.95, draws: Int) throws(StatisticsError) {
  guard level > 0, level < 1 else { throw .outOfRange("a confidence level", level) }
  guard draws > 0 else { throw .outOfRange("a number of draws", Double(draws)) }
}
