/// The result of a sign-flip test. It makes no claim of significance below six seeds.
package struct SignFlipResult: Equatable, Sendable {
  /// The smallest number of seeds for a claim of significance: with five differences of one sign the
  /// two-sided p-value is still 2/32 = 0.0625.
  package static let fewestSeedsForAClaim = 6

  /// The mean difference, its p-value, and how the p-value was found.
  package var test: PermutationResult
  /// The number of seeds that have a difference, zeros included.
  package var seeds: Int

  package init(test: PermutationResult, seeds: Int) {
    self.test = test
    self.seeds = seeds
  }

  /// Whether p ≤ alpha; nil, meaning no claim either way, below six seeds.
  package func isSignificant(at alpha: Double = 0.05) -> Bool? {
    seeds >= Self.fewestSeedsForAClaim ? test.pValue <= alpha : nil
  }
}

/// The sign-flip test of paired differences. Under the null hypothesis each difference is equally likely to
/// have the opposite sign.
///
/// Source: R. A. Fisher, "The Design of Experiments" (1935), section 21. The statistic is the mean. Up to n =
/// 16 all 2ⁿ sign patterns are used (a zero difference counts with both signs); above that, `draws` random
/// patterns. The test is of symmetry about zero: skewed differences with mean zero can reject too.
///
/// - Parameter differences: one per seed.
/// - Returns: `notEstimable` without differences, or if all are zero.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for no draws.
package func signFlipTest(
  _ differences: [Double], alternative: Alternative = .twoSided, draws: Int = 99_999,
  using generator: inout some RandomNumberGenerator
) throws(StatisticsError) -> Estimable<SignFlipResult> {
  try require(draws: draws)
  try requireFinite(differences)
  guard !differences.isEmpty else { return .notEstimable(.tooFew(needed: 1, found: 0)) }
  let scale = differences.reduce(0) { $0 + abs($1) }
  guard scale > 0 else { return .notEstimable(.constant) }
  let count = differences.count
  let observed = differences.reduce(0, +)
  var extreme = ExtremeCounter(observed: observed, alternative: alternative, scale: scale)
  let result: PermutationResult
  if count <= 16 {
    for signs in 0..<(1 << count) {
      extreme.add(flippedSum(differences, signs: UInt64(signs)))
    }
    result = PermutationResult(
      statistic: observed / Double(count), pValue: Double(extreme.count) / Double(1 << count),
      null: .exact(arrangements: 1 << count))
  } else {
    for _ in 0..<draws {
      var sum = 0.0
      for start in stride(from: 0, to: count, by: 64) {
        sum += flippedSum(differences[start..<min(start + 64, count)], signs: generator.next())
      }
      extreme.add(sum)
    }
    result = PermutationResult(
      statistic: observed / Double(count), pValue: Double(1 + extreme.count) / Double(1 + draws),
      null: .sampled(draws: draws))
  }
  return .value(SignFlipResult(test: result, seeds: count))
}

/// The sum of the values, each negated if its bit is set. The lowest bit belongs to the first value.
private func flippedSum(_ values: some Sequence<Double>, signs: UInt64) -> Double {
  var sum = 0.0
  var signs = signs
  for value in values {
    sum += signs & 1 == 0 ? value : -value
    signs >>= 1
  }
  return sum
}
