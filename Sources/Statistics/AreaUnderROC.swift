/// The area under the receiver operating characteristic: the probability that a positive's score exceeds a
/// negative's, a tie counting half.
///
/// Source: D. Bamber, "The Area above the Ordinal Dominance Graph and the Area below the Receiver Operating
/// Graph", Journal of Mathematical Psychology 12 (1975): the Mann–Whitney statistic over the number of pairs.
///
/// - Parameters:
///   - scores: larger for what is predicted to be positive.
///   - labels: what each is.
/// - Returns: nil where either class is empty.
/// - Throws: `StatisticsError.unequalCounts`, or `notANumber` for a NaN.
package func areaUnderROC(_ scores: [Double], labels: [Bool]) throws(StatisticsError) -> Double? {
  guard scores.count == labels.count else { throw .unequalCounts(scores.count, labels.count) }
  let wins = try PairedWins(scores, labels)
  return wins.pairs > 0 ? wins.wins / wins.pairs : nil
}

/// The area from pairs within a group only, over all groups: Σ wins / Σ pairs.
///
/// For predictions made by leaving a group out: each group's come from another model, whose level falls as
/// the group's own share of positives rises, since the group is missing from the training rows. Comparing
/// across groups then gives less than 0.5 where there is nothing to predict (B. J. Parker, S. Günter, J.
/// Bedo, "Stratification Bias in Low Signal Microarray Studies", BMC Bioinformatics 8, 2007); within a group
/// the level does not matter.
///
/// - Parameter groups: the group, such as the seed, of each score.
/// - Returns: nil where no group has both classes.
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

/// Pairs of a positive and a negative, and in how many of them the positive's score is larger.
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

/// The rows of each group, groups in the order of their numbers.
func rowsByGroup(_ groups: [Int]) -> [[Int]] {
  Dictionary(grouping: groups.indices, by: { groups[$0] }).sorted { $0.key < $1.key }.map(\.value)
}
