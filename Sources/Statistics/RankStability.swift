/// How similarly several seeds rank the same components.
package struct RankConcordance: Equatable, Sendable {
  /// Kendall's W in [0, 1], corrected for ties.
  package var kendallW: Double
  /// The mean of Spearman's correlation over all pairs of seeds; (m·W − 1)/(m − 1) if there are no ties.
  package var meanSpearman: Double
  /// The number of seeds, m.
  package var seeds: Int
  /// The number of components, n.
  package var components: Int
}

/// Kendall's coefficient of concordance and the mean pairwise rank correlation.
///
/// W = 12·S / (m²·(n³ − n) − m·T), where S is the sum of squared deviations of the components' rank sums from
/// their mean, and T is the sum of t³ − t over every tie of t components in a seed.
///
/// Source: M. G. Kendall and B. Babington Smith, "The Problem of m Rankings", Annals of Mathematical
/// Statistics 10 (1939).
///
/// - Parameter scores: [seed][component]; all seeds have their components in the same order.
/// - Returns: `notEstimable` below two seeds or two components, or if all scores of a seed are equal.
/// - Throws: `StatisticsError.unequalCounts`, or `notANumber` for NaN.
package func rankConcordance(_ scores: [[Double]]) throws(StatisticsError) -> Estimable<RankConcordance> {
  let ranks = try ranksBySeed(scores)
  guard ranks.count >= 2 else { return .notEstimable(.tooFew(needed: 2, found: ranks.count)) }
  guard ranks[0].count >= 2 else { return .notEstimable(.tooFew(needed: 2, found: ranks[0].count)) }
  let (seeds, components) = (Double(ranks.count), Double(ranks[0].count))
  let centre = seeds * (components + 1) / 2
  let spread = ranks[0].indices.reduce(0.0) { sum, component in
    let deviation = ranks.reduce(0) { $0 + $1[component] } - centre
    return sum + deviation * deviation
  }
  let ties = ranks.reduce(0.0) { sum, ranks in
    Dictionary(grouping: ranks, by: { $0 }).values.reduce(sum) { sum, tied in
      let count = Double(tied.count)
      return sum + count * (count * count - 1)
    }
  }
  var correlations: [Double] = []
  var prepared: [[Double]] = []
  for ranks in ranks {
    guard let ranks = try normalised(ranks) else { return .notEstimable(.undefinedCorrelation) }
    prepared.append(ranks)
  }
  for (one, ranks) in prepared.enumerated() {
    for other in prepared[(one + 1)...] { correlations.append(pearson(ofNormalised: ranks, other)) }
  }
  let largest = seeds * seeds * components * (components * components - 1) - seeds * ties
  return .value(
    RankConcordance(
      kendallW: 12 * spread / largest, meanSpearman: mean(correlations) ?? 0, seeds: ranks.count,
      components: ranks[0].count))
}

private func ranksBySeed(_ scores: [[Double]]) throws(StatisticsError) -> [[Double]] {
  var ranks: [[Double]] = []
  for scores in scores {
    if let first = ranks.first, first.count != scores.count {
      throw .unequalCounts(scores.count, first.count)
    }
    ranks.append(try averageRanks(scores))
  }
  return ranks
}
