import Foundation

/// An area under the curve with an interval that takes a group's rows as one observation.
package struct ClusteredArea: Equatable, Sendable {
  package var area: Double
  package var interval: Interval
  /// Groups that the interval rests on.
  package var groups: Int
}

/// The area under the receiver operating characteristic, with an interval from leaving out one group at a
/// time, since the components of one seed share its model.
///
/// The interval is Student's on the log-odds of the area, with groups − 1 degrees of freedom and the
/// jackknife's standard error. Source: B. Efron and C. Stein, "The Jackknife Estimate of Variance", Annals of
/// Statistics 9 (1981); for log-odds M. S. Pepe, "The Statistical Evaluation of Medical Tests" (2003). In
/// simulations of 6 groups of 12 rows it covers at 0.94 to 0.98, where the percentile bootstrap of 12 groups
/// covers at 0.90.
///
/// - Parameters:
///   - scores: one a row, larger for what is predicted to be positive.
///   - labels: what each row is.
///   - groups: the seed of each row.
///   - withinGroups: compare rows of one group only, as predictions by leaving a group out require; groups of
///     one class then say nothing and are not counted.
/// - Returns: `notEstimable` below two groups, where a class is missing (also once a group is left out), or
///   where leaving out groups changes nothing, as after perfect predictions.
/// - Throws: `StatisticsError.unequalCounts`, `notANumber` for a NaN, `outOfRange` for a level outside (0,
///   1).
package func clusteredAreaUnderROC(
  _ scores: [Double], labels: [Bool], groups: [Int], withinGroups: Bool, level: Double = 0.95
) throws(StatisticsError) -> Estimable<ClusteredArea> {
  try require(level: level, draws: 1)
  guard scores.count == labels.count else { throw .unequalCounts(scores.count, labels.count) }
  guard scores.count == groups.count else { throw .unequalCounts(scores.count, groups.count) }
  func area(_ rows: [Int]) throws(StatisticsError) -> Double? {
    let (scores, labels) = (rows.map { scores[$0] }, rows.map { labels[$0] })
    guard withinGroups else { return try areaUnderROC(scores, labels: labels) }
    return try areaUnderROC(scores, labels: labels, within: rows.map { groups[$0] })
  }
  let clusters = rowsByGroup(groups).filter { rows in
    !withinGroups || Set(rows.map { labels[$0] }).count == 2
  }
  guard clusters.count >= 2 else { return .notEstimable(.tooFew(needed: 2, found: clusters.count)) }
  guard let whole = try area(clusters.flatMap(\.self)) else { return .notEstimable(.emptyGroup) }
  var logits: [Double] = []
  for left in clusters.indices {
    let rest = clusters.indices.filter { $0 != left }.flatMap { clusters[$0] }
    guard let area = try area(rest) else { return .notEstimable(.emptyGroup) }
    logits.append(logit(area, rows: scores.count))
  }
  let count = Double(clusters.count)
  guard let deviation = standardDeviation(logits, ddof: 0), deviation > 1e-12 else {
    return .notEstimable(.constant)
  }
  let reach =
    studentQuantile((1 + level) / 2, degrees: clusters.count - 1) * (count - 1).squareRoot() * deviation
  let centre = logit(whole, rows: scores.count)
  let interval = Interval(
    lower: 1 / (1 + exp(reach - centre)), upper: 1 / (1 + exp(-reach - centre)), level: level)
  return .value(ClusteredArea(area: whole, interval: interval, groups: clusters.count))
}

/// The log-odds, kept finite: an area is at least half of the smallest step that so many rows can make away
/// from 0 and 1.
private func logit(_ area: Double, rows: Int) -> Double {
  let least = 2 / (Double(rows) * Double(rows))
  let inside = min(max(area, least), 1 - least)
  return log(inside / (1 - inside))
}
