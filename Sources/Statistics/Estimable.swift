/// A value, or the reason why these data do not have one.
///
/// Wrong arguments (unequal counts, NaN) throw a `StatisticsError`. Data that are valid but cannot answer the
/// question give `notEstimable`, which a report prints instead of the number.
package enum Estimable<Value> {
  case value(Value)
  case notEstimable(NotEstimable)

  /// The value, or nil.
  package var value: Value? {
    guard case .value(let value) = self else { return nil }
    return value
  }

  /// Why there is no value; nil if there is one.
  package var reason: NotEstimable? {
    guard case .notEstimable(let reason) = self else { return nil }
    return reason
  }

  /// A value, or the reason to give if it is nil.
  package init(_ value: Value?, otherwise reason: NotEstimable) {
    self = value.map { .value($0) } ?? .notEstimable(reason)
  }

  /// Applies `transform` to the value, if there is one; otherwise keeps the reason.
  package func map<Result>(_ transform: (Value) -> Result) -> Estimable<Result> {
    switch self {
    case .value(let value): .value(transform(value))
    case .notEstimable(let reason): .notEstimable(reason)
    }
  }

  /// What `transform` makes of the value, if there is one; otherwise keeps the reason.
  package func flatMap<Result>(_ transform: (Value) -> Estimable<Result>) -> Estimable<Result> {
    switch self {
    case .value(let value): transform(value)
    case .notEstimable(let reason): .notEstimable(reason)
    }
  }
}

extension Estimable: Equatable where Value: Equatable {}
extension Estimable: Sendable where Value: Sendable {}

/// Why a quantity cannot be estimated from these data.
package enum NotEstimable: Equatable, Sendable, CustomStringConvertible {
  /// One of the two scores whose correlation is wanted.
  package enum Side: String, Equatable, Sendable { case first, second }

  /// There are fewer values, seeds or items than needed.
  case tooFew(needed: Int, found: Int)
  /// All values are equal, so nothing indicates how uncertain they are.
  case constant
  /// The correlation is undefined because one of its sides is constant.
  case undefinedCorrelation
  /// The two halves of a score rank the components in exactly opposite order, which no reliability describes.
  case oppositeHalves
  /// The correlation of a score's halves is undefined, and so is its reliability.
  case undefinedReliability(Side)
  /// The reliability of a score, which may be negative, is too low to correct for.
  case lowReliability(Side, found: Double, needed: Double)
  /// The statistic is undefined on so many resamples that the others would mislead.
  case undefinedResamples(count: Int, of: Int)
  /// An end of the interval lies at infinity, because too many resamples have no spread.
  case unbounded
  /// A group or class without members.
  case emptyGroup

  package var description: String {
    switch self {
    case .tooFew(let needed, let found): "needs \(needed), found \(found)"
    case .constant: "all values are the same"
    case .undefinedCorrelation: "a score is the same for every component"
    case .oppositeHalves: "the two halves of the score are in exactly opposite order"
    case .undefinedReliability(let side): "the \(side.rawValue) score's reliability is not defined"
    case .lowReliability(let side, let found, let needed):
      "the \(side.rawValue) score's reliability is \(found), below \(needed)"
    case .undefinedResamples(let count, let total): "not defined on \(count) of \(total) resamples"
    case .unbounded: "too many resamples without spread: the interval has no end"
    case .emptyGroup: "a group has no members"
    }
  }
}
