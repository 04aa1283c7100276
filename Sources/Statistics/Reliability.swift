/// How well a measurement repeats itself: the correlation of its two halves, and the reliability of the whole
/// that follows from it.
package struct Reliability: Equatable, Sendable, Codable {
  /// The correlation of the two halves, in [−1, 1].
  package var half: Double
  /// The reliability of both halves together, by the Spearman–Brown formula.
  package var whole: Double

  package init(half: Double, whole: Double) {
    self.half = half
    self.whole = whole
  }

  /// The reliability of a score from its values on two disjoint halves of the samples.
  ///
  /// - Parameters:
  ///   - first: the score of each component on one half.
  ///   - second: the same components, in the same order, on the other half.
  /// - Returns: `notEstimable` if a half is constant.
  /// - Throws: what `spearman` throws.
  package static func splitHalf(
    _ first: [Double], _ second: [Double],
    correlation: ([Double], [Double]) throws(StatisticsError) -> Double? = spearman
  ) throws(StatisticsError) -> Estimable<Reliability> {
    guard let half = try correlation(first, second) else { return .notEstimable(.undefinedCorrelation) }
    guard let whole = spearmanBrown(half) else { return .notEstimable(.oppositeHalves) }
    return .value(Reliability(half: half, whole: whole))
  }
}

/// The reliability of a measurement that is `length` times as long as one with the reliability `part`: length
/// · r / (1 + (length − 1) · r).
///
/// Source: C. Spearman and W. Brown, British Journal of Psychology 3 (1910).
///
/// - Parameters:
///   - part: the correlation of two parallel parts. If it is negative, so is the result.
///   - length: 2 for the whole of two halves.
/// - Returns: nil unless the denominator is positive (two halves with a correlation of −1, rounding included).
package func spearmanBrown(_ part: Double, length: Double = 2) -> Double? {
  let denominator = 1 + (length - 1) * part
  guard denominator > 1e-12 else { return nil }
  return length * part / denominator
}
