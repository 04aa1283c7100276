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
/// ```swift
/// var generator = CounterStream(seed: 42, purpose: .bootstrap)
/// let found = try signFlipTest(differences, alternative: .greater, using: &generator)
/// ```
///
/// - Parameter differences: one per seed.
/// - Returns: `notEstimable` without differences, or if all are zero.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for no draws.
package func signFlipTest(
  _ differences: [Double], alternative: Alternative = .twoSided, draws: Int = 99_999,
  using generator: inout some RandomNumberGenerator
) throws(StatisticsError) -> Estimable<SignFlipResult> {
  try require(draws: draws)
  return try signFlipTest(differences, alternative: alternative) {
    SignPatterns(count: $0, draws: draws, using: &generator)
  }
}

/// The same with patterns of signs that may have been made before.
///
/// - Parameter patterns: gives the patterns for a number of differences. It is called if there is something to test.
package func signFlipTest(
  _ differences: [Double], alternative: Alternative = .twoSided, patterns: (_ count: Int) -> SignPatterns
) throws(StatisticsError) -> Estimable<SignFlipResult> {
  guard let scale = try scale(of: differences) else {
    return .notEstimable(differences.isEmpty ? .tooFew(needed: 1, found: 0) : .constant)
  }
  let patterns = patterns(differences.count)
  let observed = differences.reduce(0, +)
  var extreme = ExtremeCounter(observed: observed, alternative: alternative, scale: scale)
  patterns.forEachSum(of: differences) { sum in
    extreme.add(sum)
    return true
  }
  return .value(
    SignFlipResult(
      test: PermutationResult(
        statistic: observed / Double(differences.count), pValue: patterns.pValue(extreme.count),
        null: patterns.areAll
          ? .exact(arrangements: patterns.patterns) : .sampled(draws: patterns.patterns)),
      seeds: differences.count))
}

/// Whether the two-sided p-value of `signFlipTest` is at most `level`. It looks at no more patterns than that takes: a
/// few hundred, if the differences are noise.
///
/// - Returns: false also where there is no p-value.
/// - Throws: as `signFlipTest`.
package func signFlipIsSignificant(
  _ differences: [Double], level: Double, patterns: (_ count: Int) -> SignPatterns
) throws(StatisticsError) -> Bool {
  guard let scale = try scale(of: differences) else { return false }
  let patterns = patterns(differences.count)
  var extreme = ExtremeCounter(
    observed: differences.reduce(0, +), alternative: .twoSided, scale: scale)
  patterns.forEachSum(of: differences) { sum in
    extreme.add(sum)
    return patterns.pValue(extreme.count) <= level
  }
  return patterns.pValue(extreme.count) <= level
}

/// The sum of the magnitudes.
private func scale(of differences: [Double]) throws(StatisticsError) -> Double? {
  try requireFinite(differences)
  let scale = differences.reduce(0) { $0 + abs($1) }
  return scale > 0 ? scale : nil
}

extension SignPatterns {
  /// The p-value if so many patterns are at least as extreme as the observed one.
  fileprivate func pValue(_ extreme: Int) -> Double {
    areAll
      ? Double(extreme) / Double(patterns) : Double(1 + extreme) / Double(1 + patterns)
  }
}
