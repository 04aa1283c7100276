/// A dip and how often as many uniform values have one as large.
package struct DipTestResult: Equatable, Sendable {
  package var dip: Double
  /// (1 + count ≥) / (1 + draws)
  package var pValue: Double
  package var draws: Int
}

/// The dip's distribution for `count` values of the uniform distribution, the unimodal one for which the dip
/// tends to be largest. Simulated once, it serves every sample of that size.
package struct DipNullDistribution: Sendable {
  package let count: Int
  /// Dips, ascending.
  let dips: [Double]

  /// - Parameters:
  ///   - count: values a sample, four at least: fewer are always unimodal.
  ///   - draws: samples simulated.
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
      for place in sample.indices { sample[place] = randomUniform(using: &generator) }
      sample.sort()
      dips.append(Statistics.dip(ofSorted: sample))
    }
    self.dips = dips.sorted()
  }

  /// The dip test of `values`: a small p-value speaks against one mode.
  ///
  /// Equal values count as they are. Rounding makes the dip larger than that of the numbers rounded, so
  /// measure more finely than the modes are apart, or the test rejects too often.
  ///
  /// - Throws: `StatisticsError.unequalCounts` where there are not `count` values, `notANumber` for NaN or
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
/// - Returns: `notEstimable` below four values.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for no draws.
package func dipTest(
  _ values: [Double], draws: Int = 9999, using generator: inout some RandomNumberGenerator
) throws(StatisticsError) -> Estimable<DipTestResult> {
  guard values.count >= 4 else { return .notEstimable(.tooFew(needed: 4, found: values.count)) }
  let null = try DipNullDistribution(count: values.count, draws: draws, using: &generator)
  return .value(try null.test(values))
}
