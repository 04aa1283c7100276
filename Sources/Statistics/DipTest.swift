/// A dip, and how often the same number of uniform values has a dip as large.
package struct DipTestResult: Equatable, Sendable {
  package var dip: Double
  /// (1 + the number of simulated dips ≥ `dip`) / (1 + draws).
  package var pValue: Double
  /// The number of simulated samples.
  package var draws: Int
}

/// The distribution of the dip for `count` values of the uniform distribution, which is the unimodal
/// distribution with about the largest dips. One simulation serves every sample of that size.
package struct DipNullDistribution: Sendable {
  /// The number of values in each sample.
  package let count: Int
  /// The simulated dips, ascending.
  let dips: [Double]

  /// - Parameters:
  ///   - count: the number of values in each sample, at least four: fewer values are always unimodal.
  ///   - draws: the number of samples to simulate.
  /// - Throws: `StatisticsError.tooFew` or `outOfRange`.
  package init(
    count: Int, draws: Int = 9999, using generator: inout some RandomNumberGenerator
  ) throws(StatisticsError) {
    guard count >= 4 else { throw .tooFew(needed: 4, found: count) }
    try require(draws: draws)
    self.count = count
    var sample = Array(repeating: 0.0, count: count)
    var dips: [Double] = []
    dips.reserveCapacity(draws)
    for _ in 0..<draws {
      for place in sample.indices { sample[place] = randomUniform { generator.next() } }
      sample.sort()
      dips.append(Statistics.dip(ofSorted: sample))
    }
    self.dips = dips.sorted()
  }

  /// The dip test of `values`. A small p-value is evidence against a single mode.
  ///
  /// Tied values are used as they are. Rounded values have a larger dip than the numbers before rounding, so
  /// measure more finely than the distance between modes; otherwise the test rejects too often.
  ///
  /// - Throws: `StatisticsError.unequalCounts` unless there are `count` values, `notANumber` for NaN or
  ///   infinity.
  package func test(_ values: [Double]) throws(StatisticsError) -> DipTestResult {
    guard values.count == count else { throw .unequalCounts(values.count, count) }
    let observed = try dip(values) ?? 0
    let atLeast = dips.reduce(0) { $0 + ($1 >= observed - 1e-12 ? 1 : 0) }
    return DipTestResult(
      dip: observed, pValue: Double(1 + atLeast) / Double(1 + dips.count), draws: dips.count)
  }
}

/// Hartigan's dip test of unimodality, with a null distribution simulated for this call.
///
/// - Returns: `notEstimable` below four values, or where all are equal.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for no draws.
package func dipTest(
  _ values: [Double], draws: Int = 9999, using generator: inout some RandomNumberGenerator
) throws(StatisticsError) -> Estimable<DipTestResult> {
  try dipTest(values) { count throws(StatisticsError) in
    try DipNullDistribution(count: count, draws: draws, using: &generator)
  }
}

/// The same with a null distribution that may have been simulated before.
///
/// - Parameter null: gives the null distribution for a number of values. It is called if there is something to test.
package func dipTest(
  _ values: [Double], null: (_ count: Int) throws(StatisticsError) -> DipNullDistribution
) throws(StatisticsError) -> Estimable<DipTestResult> {
  guard values.count >= 4 else { return .notEstimable(.tooFew(needed: 4, found: values.count)) }
  try requireFinite(values)
  guard values.contains(where: { $0 != values[0] }) else { return .notEstimable(.constant) }
  return .value(try null(values.count).test(values))
}
