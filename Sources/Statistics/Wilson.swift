import Foundation

/// Wilson's score interval of a proportion.
///
/// Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
/// the American Statistical Association 22 (1927); without continuity correction.
///
/// - Returns: nil without trials.
/// - Throws: `StatisticsError.outOfRange` for a level outside (0, 1) or successes outside 0...trials.
package func wilsonInterval(successes: Int, trials: Int, level: Double = 0.95) throws(StatisticsError)
  -> Interval?
{
  try require(level: level, draws: 1)
  guard trials >= 0 else { throw .outOfRange("a number of trials", Double(trials)) }
  guard successes >= 0, successes <= trials else {
    throw .outOfRange("a number of successes of \(trials)", Double(successes))
  }
  guard trials > 0 else { return nil }
  let z = normalQuantile((1 + level) / 2)
  let n = Double(trials)
  let share = Double(successes) / n
  let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
  let reach = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
  // At the ends exactly 0 and 1, which rounding would miss.
  return Interval(
    lower: successes == 0 ? 0 : centre - reach, upper: successes == trials ? 1 : centre + reach, level: level)
}

/// The quantile of the standard normal distribution, by bisection of its distribution function to the last
/// bits of double precision.
///
/// - Precondition: the probability lies in (0, 1).
func normalQuantile(_ probability: Double) -> Double {
  bisect(-40, 40) { erfc(-$0 / 2.0.squareRoot()) / 2 < probability }
}
