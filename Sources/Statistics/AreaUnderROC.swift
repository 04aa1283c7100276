/// The area under the receiver operating characteristic (ROC) curve: the probability that a random positive
/// has a higher score than a random negative, where a tie counts one half.
///
/// Source: D. Bamber, "The Area above the Ordinal Dominance Graph and the Area below the Receiver Operating
/// Graph", Journal of Mathematical Psychology 12 (1975). It is the Mann–Whitney statistic divided by the
/// number of pairs.
///
/// - Parameters:
///   - scores: larger values predict the positive class.
///   - labels: the true class of each row; true is positive.
/// - Returns: nil if one class is empty.
/// - Throws: `StatisticsError.unequalCounts`, or `notANumber` for a NaN.
package func areaUnderROC(_ scores: [Double], labels: [Bool]) throws(StatisticsError) -> Double? {
  guard scores.count == labels.count else { throw .unequalCounts(scores.count, labels.count) }
  let wins = try PairedWins(scores, labels)
  return wins.pairs > 0 ? wins.wins / wins.pairs : nil
}

/// The area under the ROC curve that counts only pairs within a group, summed over all groups: Σ wins / Σ
/// pairs.
///
/// Use it for predictions made by leaving one group out. There each group's predictions come from a different
/// model. The level of such a model falls as the group's own share of positives rises, because the group is
/// missing from its training rows. Comparing across groups would therefore give less than 0.5 when there is
/// nothing to predict (B. J. Parker, S. Günter, J. Bedo, "Stratification Bias in Low Signal Microarray
/// Studies", BMC Bioinformatics 8, 2007). Within a group the level does not matter.
///
/// - Parameter groups: the group of each score, such as its seed.
/// - Returns: nil if no group has both classes.
/// - Throws: `StatisticsError.unequalCounts`, or `notANumber` for a NaN.
package func areaUnderROC(
  _ scores: [Double], labels: [Bool], within groups: [Int]
) throws(StatisticsError) -> Double? {
  guard scores.count == labels.count else { throw .unequalCounts(scores.count, labels.count) }
  guard scores.count == groups.count else { throw .unequalCounts(scores.count, groups.count) }
  var (wins, pairs) = (0.0, 0.0)
  for group in rowsByGroup(groups) {
    let within = try PairedWins(group.map { scores[$0] }, group.map { labels[$0] })
    wins += within.wins
    pairs += within.pairs
  }
  return pairs > 0 ? wins / pairs : nil
}

/// The number of pairs of a positive and a negative, and in how many of them the positive's score is larger.
private struct PairedWins {
  var wins: Double
  var pairs: Double

  init(_ scores: [Double], _ labels: [Bool]) throws(StatisticsError) {
    let positives = Double(labels.filter { $0 }.count)
    let ranks = try averageRanks(scores)
    let sum = zip(ranks, labels).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
    wins = sum - positives * (positives + 1) / 2
    pairs = positives * (Double(labels.count) - positives)
  }
}

/// The rows of each group. Groups are ordered by their numbers.
func rowsByGroup(_ groups: [Int]) -> [[Int]] {
  Dictionary(grouping: groups.indices, by: { groups[$0] }).sorted { $0.key < $1.key }.map(\.value)
}
