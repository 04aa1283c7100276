/// A closed confidence interval with its nominal level.
package struct Interval: Equatable, Sendable, Codable {
  package var lower: Double
  package var upper: Double
  /// The nominal coverage, such as 0.95.
  package var level: Double

  package init(lower: Double, upper: Double, level: Double) {
    self.lower = lower
    self.upper = upper
    self.level = level
  }

  package var width: Double { upper - lower }

  package func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

  /// The part of the interval within `bounds`. For a quantity that cannot lie outside `bounds` this loses no
  /// coverage.
  package func clamped(to bounds: ClosedRange<Double>) -> Interval {
    Interval(
      lower: min(max(lower, bounds.lowerBound), bounds.upperBound),
      upper: min(max(upper, bounds.lowerBound), bounds.upperBound), level: level)
  }
}
