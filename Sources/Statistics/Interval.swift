/// A confidence interval: closed, with the level it was made for.
public struct Interval: Equatable, Sendable, Codable {
  public var lower: Double
  public var upper: Double
  /// The nominal coverage, such as 0.95.
  public var level: Double

  public init(lower: Double, upper: Double, level: Double) {
    self.lower = lower
    self.upper = upper
    self.level = level
  }

  public var width: Double { upper - lower }

  public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

  /// The part within `bounds`, which the quantity cannot leave: cutting the rest off costs no coverage.
  public func clamped(to bounds: ClosedRange<Double>) -> Interval {
    Interval(
      lower: min(max(lower, bounds.lowerBound), bounds.upperBound),
      upper: min(max(upper, bounds.lowerBound), bounds.upperBound), level: level)
  }
}
