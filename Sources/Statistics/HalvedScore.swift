/// A score of each component, measured on two disjoint halves of the samples of equal size.
package struct HalvedScore: Equatable, Sendable {
  /// The score of each component on one half.
  package let first: [Double]
  /// The score of each component on the other half.
  package let second: [Double]
  /// The score on all samples.
  package let whole: [Double]

  /// - Parameter whole: the score on all samples. The default, the mean of the halves, is right for a score
  ///   that is a mean over samples and wrong for the absolute value of one.
  /// - Throws: `StatisticsError.unequalCounts`.
  package init(_ first: [Double], _ second: [Double], whole: [Double]? = nil) throws(StatisticsError) {
    guard first.count == second.count else { throw .unequalCounts(first.count, second.count) }
    if let whole, whole.count != first.count { throw .unequalCounts(first.count, whole.count) }
    self.first = first
    self.second = second
    self.whole = whole ?? zip(first, second).map { ($0 + $1) / 2 }
  }
}

extension AttenuationTerms {
  /// Spearman's correlation of two scores of the same components, and of the two halves of each score.
  ///
  /// The noise of one score must be independent of the noise of the other. If both are measured on the same
  /// samples, their correlation is attenuated less than the correction assumes.
  ///
  /// - Returns: `notEstimable` if a score, or one of its halves, is constant.
  /// - Throws: what `spearman` throws.
  package static func measured(_ x: HalvedScore, _ y: HalvedScore) throws(StatisticsError)
    -> Estimable<AttenuationTerms>
  {
    guard let correlation = try spearman(x.whole, y.whole) else {
      return .notEstimable(.undefinedCorrelation)
    }
    guard let firstHalves = try spearman(x.first, x.second) else {
      return .notEstimable(.undefinedReliability(.first))
    }
    guard let secondHalves = try spearman(y.first, y.second) else {
      return .notEstimable(.undefinedReliability(.second))
    }
    return .value(
      AttenuationTerms(correlation: correlation, firstHalves: firstHalves, secondHalves: secondHalves))
  }

  /// This run's correlation corrected for attenuation; see `disattenuated`.
  package func corrected(minimum: Double = 0.3) -> Estimable<Double> {
    disattenuated(
      correlation, first: spearmanBrown(firstHalves), second: spearmanBrown(secondHalves), minimum: minimum)
  }
}
