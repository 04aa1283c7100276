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
///   - x, y: the values of two independent groups, such as the rhos of the seeds of two tasks.
///   - alternative: `.greater` for the claim that x exceeds y.
/// - Returns: `notEstimable` if a group is empty, or if all values are equal.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity, `outOfRange` for no draws.
package func groupPermutationTest(
  _ x: [Double], _ y: [Double], alternative: Alternative = .twoSided, draws: Int = 99_999,
  using generator: inout some RandomNumberGenerator
) throws(StatisticsError) -> Estimable<PermutationResult> {
  try require(draws: draws)
  try requireFinite(x)
  try requireFinite(y)
  guard !x.isEmpty, !y.isEmpty else { return .notEstimable(.emptyGroup) }
  var values = x + y
  guard values.contains(where: { $0 != values[0] }) else { return .notEstimable(.constant) }

  let total = values.reduce(0, +)
  let (first, second) = (Double(x.count), Double(y.count))
  func difference(_ values: [Double]) -> Double {
    var sum = 0.0
    for place in x.indices { sum += values[place] }
    return sum / first - (total - sum) / second
  }
  let observed = difference(values)
  let scale = values.reduce(0) { $0 + abs($1) }
  var extreme = ExtremeCounter(observed: observed, alternative: alternative, scale: scale)
  for _ in 0..<draws {
    shuffle(&values, using: &generator)
    extreme.add(difference(values))
  }
  return .value(
    PermutationResult(
      statistic: observed, pValue: Double(1 + extreme.count) / Double(1 + draws),
      null: .sampled(draws: draws)))
}
