/// An area under the curve with an interval from resampling whole groups, since the components of one seed share its model.
///
/// Source: C. A. Field and A. H. Welsh, "Bootstrapping Clustered Data", Journal of the Royal Statistical Society B 69 (2007).
///
/// - Parameters:
///   - scores: one a row, larger for what is predicted to be positive.
///   - labels: what each row is.
///   - groups: the seed of each row.
///   - withinGroups: compare rows of one group only, as predictions by leaving a group out require.
/// - Returns: `notEstimable` with fewer than two groups, one class, or one class in too many resamples.
/// - Throws: `StatisticsError.unequalCounts`, `notANumber` for a NaN, `outOfRange`.
public func clusteredAreaUnderROC(
  _ scores: [Double], labels: [Bool], groups: [Int], withinGroups: Bool, resamples: Int = 2000,
  level: Double = 0.95, using generator: inout some RandomNumberGenerator
) throws -> Estimable<BootstrapEstimate> {
  guard scores.count == labels.count else { throw StatisticsError.unequalCounts(scores.count, labels.count) }
  guard scores.count == groups.count else { throw StatisticsError.unequalCounts(scores.count, groups.count) }
  let clusters = rowsByGroup(groups)
  guard labels.contains(true), labels.contains(false) else { return .notEstimable(.emptyGroup) }
  return try percentileBootstrap(
    count: clusters.count, resamples: resamples, level: level, using: &generator
  ) { drawn in
    let rows = drawn.flatMap { clusters[$0] }
    let (scores, labels) = (rows.map { scores[$0] }, rows.map { labels[$0] })
    guard withinGroups else { return try areaUnderROC(scores, labels: labels) }
    // A group drawn twice is two groups.
    let numbers = drawn.enumerated().flatMap { number, cluster in clusters[cluster].map { _ in number } }
    return try areaUnderROC(scores, labels: labels, within: numbers)
  }
}
