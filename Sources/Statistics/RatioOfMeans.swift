/// A ratio of two means with its interval.
package struct RatioEstimate: Equatable, Sendable, Codable {
  package var ratio: Double
  package var interval: Interval
  /// The number of pairs that it is based on.
  package var count: Int

  package init(ratio: Double, interval: Interval, count: Int) {
    self.ratio = ratio
    self.interval = interval
    self.count = count
  }
}

/// mean(numerators) / mean(denominators) of paired values, one pair per seed, with Fieller's interval: all
/// ratios θ for which Student's t test does not reject "numerator − θ · denominator has mean 0".
///
/// Source: E. C. Fieller, "Some Problems in Interval Estimation", Journal of the Royal Statistical Society B
/// 16 (1954). The interval is exact for normal pairs, however they are correlated. If the mean of the
/// denominators could be 0, no finite interval has the coverage, and none is given.
///
/// - Returns: `notEstimable` below two pairs; `constant` if every pair has the same ratio; `unbounded` if the
///   mean of the denominators does not differ significantly from 0 at this level.
/// - Throws: `StatisticsError.unequalCounts`, `notANumber` for NaN or infinity, `outOfRange` for a level
///   outside (0, 1).
package func ratioOfMeans(
  _ numerators: [Double], _ denominators: [Double], level: Double = 0.95
) throws(StatisticsError) -> Estimable<RatioEstimate> {
  try require(level: level, draws: 1)
  guard numerators.count == denominators.count else {
    throw .unequalCounts(numerators.count, denominators.count)
  }
  try requireFinite(numerators)
  try requireFinite(denominators)
  let count = numerators.count
  guard count >= 2, let top = mean(numerators), let bottom = mean(denominators) else {
    return .notEstimable(.tooFew(needed: 2, found: count))
  }
  /// The covariance of the two means.
  func covariance(_ x: [Double], _ xMean: Double, _ y: [Double], _ yMean: Double) -> Double {
    zip(x, y).reduce(0) { $0 + ($1.0 - xMean) * ($1.1 - yMean) } / Double(count * (count - 1))
  }
  let t = studentReach(level: level, degrees: count - 1)
  // The interval is the set of θ with a·θ² − 2b·θ + c ≤ 0.
  let a = bottom * bottom - t * t * covariance(denominators, bottom, denominators, bottom)
  guard bottom != 0 else { return .notEstimable(.unbounded) }
  let ratio = top / bottom
  let scale = numerators.reduce(0) { max($0, abs($1)) }
  guard zip(numerators, denominators).contains(where: { abs($0 - ratio * $1) > 1e-12 * scale }) else {
    return .notEstimable(.constant)
  }
  guard a > 0 else { return .notEstimable(.unbounded) }
  let b = top * bottom - t * t * covariance(numerators, top, denominators, bottom)
  let c = top * top - t * t * covariance(numerators, top, numerators, top)
  let reach = max(0, b * b - a * c).squareRoot()
  return .value(
    RatioEstimate(
      ratio: ratio, interval: Interval(lower: (b - reach) / a, upper: (b + reach) / a, level: level),
      count: count))
}
