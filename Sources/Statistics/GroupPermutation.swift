import Concurrency

/// The permutation test of a difference of means between two groups, mean(x) − mean(y). Under the null
/// hypothesis any value could have been in either group.
///
/// Source: E. J. G. Pitman, "Significance Tests Which May Be Applied to Samples from Any Populations",
/// Supplement to the Journal of the Royal Statistical Society 4 (1937).
///
/// For values paired by seed use `signFlipTest` of the differences, which is more powerful. If the groups
/// differ in both spread and size, the test can reject although the means are equal.
///
/// - Parameters:
///   - x: the values of one group, such as the rhos of the seeds of a task.
///   - y: the values of another group, which is independent of the first.
///   - alternative: `.greater` for the claim that x exceeds y.
/// - Returns: `notEstimable` if a group is empty, or if all values are equal.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for no draws.
package func groupPermutationTest(
  _ x: [Double], _ y: [Double], alternative: Alternative = .twoSided, draws: Int = 99_999,
  using generator: inout some RandomNumberGenerator
) throws(StatisticsError) -> Estimable<PermutationResult> {
  try require(draws: draws)
  let pair = try GroupPair(x, y)
  return pair.reason.map { .notEstimable($0) }
    ?? GroupPair.tests([pair], alternative, draws: draws) { generator.next() }[0]
}

/// The same test of many pairs of groups. Each result is that of `groupPermutationTest` with the generator as it is now,
/// but the permutations of eight pairs with groups of the same sizes are drawn only once.
///
/// - Throws: `StatisticsError.outOfRange` for no draws.
package func groupPermutationTests(
  _ pairs: [GroupPair], alternative: Alternative = .twoSided, draws: Int = 99_999,
  using generator: some RandomNumberGenerator & Sendable
) throws(StatisticsError) -> [Estimable<PermutationResult>] {
  try require(draws: draws)
  var results = pairs.map { Estimable<PermutationResult>.notEstimable($0.reason ?? .emptyGroup) }
  let testable = pairs.indices.filter { pairs[$0].reason == nil }
  let alike = Dictionary(grouping: testable) { [pairs[$0].first.count, pairs[$0].second.count] }.values
  let blocks = alike.flatMap { places in
    stride(from: 0, to: places.count, by: GroupPair.atOnce).map {
      Array(places[$0..<min($0 + GroupPair.atOnce, places.count)])
    }
  }
  let tested = concurrentMap(blocks) { places in
    var generator = generator
    return GroupPair.tests(places.map { pairs[$0] }, alternative, draws: draws) { generator.next() }
  }
  for (places, found) in zip(blocks, tested) {
    for (place, result) in zip(places, found) { results[place] = result }
  }
  return results
}

/// The values of two independent groups.
package struct GroupPair: Sendable {
  fileprivate let first, second: [Double]

  /// - Throws: `StatisticsError.notANumber` for NaN or infinity.
  package init(_ first: [Double], _ second: [Double]) throws(StatisticsError) {
    try requireFinite(first)
    try requireFinite(second)
    (self.first, self.second) = (first, second)
  }

  /// Why they cannot be compared.
  fileprivate var reason: NotEstimable? {
    guard let value = first.first, !second.isEmpty else { return .emptyGroup }
    return (first + second).contains { $0 != value } ? nil : .constant
  }

  /// The number of pairs that share permutations.
  fileprivate static let atOnce = 8

  /// Tests up to eight pairs with groups of the same two sizes, all of which can be compared.
  fileprivate static func tests(
    _ pairs: [GroupPair], _ alternative: Alternative, draws: Int, _ word: () -> UInt64
  ) -> [Estimable<PermutationResult>] {
    let all = pairs.map { $0.first + $0.second }
    // The values of one place in all pairs side by side.
    var values = all[0].indices.map { place in
      all.indices.reduce(into: SIMD8<Double>.zero) { $0[$1] = all[$1][place] }
    }
    let (first, second) = (pairs[0].first.count, pairs[0].second.count)
    let totals = values.reduce(.zero, +)
    func differences(_ values: [SIMD8<Double>]) -> SIMD8<Double> {
      var sums = SIMD8<Double>.zero
      for place in 0..<first { sums += values[place] }
      return sums / Double(first) - (totals - sums) / Double(second)
    }
    let observed = differences(values)
    var extreme = pairs.indices.map { pair in
      ExtremeCounter(
        observed: observed[pair], alternative: alternative, scale: all[pair].reduce(0) { $0 + abs($1) })
    }
    for _ in 0..<draws {
      shuffle(&values, word)
      let found = differences(values)
      for pair in pairs.indices { extreme[pair].add(found[pair]) }
    }
    return pairs.indices.map { pair in
      .value(
        PermutationResult(
          statistic: observed[pair], pValue: Double(1 + extreme[pair].count) / Double(1 + draws),
          null: .sampled(draws: draws)))
    }
  }
}
