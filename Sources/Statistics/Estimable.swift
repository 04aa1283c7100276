/// A value, or the reason why these data do not have one.
///
/// Bad input (unequal counts, NaN) is a thrown `StatisticsError`; data that are in order but cannot answer
/// the question lead to `notEstimable`, which a report prints in the place of the number.
package enum Estimable<Value> {
  case value(Value)
  case notEstimable(NotEstimable)

  /// The value; nil where there is none.
  package var value: Value? {
    guard case .value(let value) = self else { return nil }
    return value
  }

  /// Why there is no value; nil where there is one.
  package var reason: NotEstimable? {
    guard case .notEstimable(let reason) = self else { return nil }
    return reason
  }

  /// The same reason, or what `transform` makes of the value.
  package func map<Result>(_ transform: (Value) -> Result) -> Estimable<Result> {
    switch self {
    case .value(let value): .value(transform(value))
    case .notEstimable(let reason): .notEstimable(reason)
    }
  }
}

extension Estimable: Equatable where Value: Equatable {}
extension Estimable: Sendable where Value: Sendable {}

/// Why a quantity cannot be told from the data at hand.
package enum NotEstimable: Equatable, Sendable, CustomStringConvertible {
  /// One of the two scores that are correlated.
  package enum Side: String, Equatable, Sendable { case first, second }

  /// Fewer values, seeds or items than it takes.
  case tooFew(needed: Int, found: Int)
  /// All values are the same, so nothing says how far they might be off.
  case constant
  /// A correlation that is not defined, because one side of it is constant.
  case undefinedCorrelation
  /// A score whose halves have no correlation, so its reliability is not defined.
  case undefinedReliability(Side)
  /// A score too unreliable to correct for; a reliability may be negative.
  case lowReliability(Side, found: Double, needed: Double)
  /// The statistic is not defined on so many resamples that the others would mislead.
  case undefinedResamples(count: Int, of: Int)
  /// So many resamples have no spread that an end of the interval lies at infinity.
  case unbounded
  /// A group or class without members.
  case emptyGroup

  package var description: String {
    switch self {
    case .tooFew(let needed, let found): "needs \(needed), found \(found)"
    case .constant: "all values are the same"
    case .undefinedCorrelation: "a score is the same for every component"
    case .undefinedReliability(let side): "the \(side.rawValue) score's reliability is not defined"
    case .lowReliability(let side, let found, let needed):
      "the \(side.rawValue) score's reliability is \(found), below \(needed)"
    case .undefinedResamples(let count, let total): "not defined on \(count) of \(total) resamples"
    case .unbounded: "too many resamples without spread: the interval has no end"
    case .emptyGroup: "a group has no members"
    }
  }
}
