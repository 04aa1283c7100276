/// How many values a two-sided t test of their mean needs to find an effect.
///
/// It is the smallest n with n ≥ ((t₁ + t₂)·sd/effect)², where t₁ is the test's critical value and t₂ the quantile of the power, both of
/// Student's t with n − 1 degrees of freedom. Beside the noncentral t distribution it is at most two too large for a power of 0.8 (tested
/// against scipy).
///
/// - Parameters:
///   - deviation: the standard deviation of a value.
///   - power: the probability with which the effect is found; from 0.5 to below 1.
///   - level: the largest p that counts as found.
///   - fewest: the number below which no claim is made.
/// - Returns: nil beyond `most`.
/// - Throws: `StatisticsError.outOfRange`.
package func seedsNeeded(
  deviation: Double, effect: Double, power: Double = 0.8, level: Double = 0.05, fewest: Int = 6,
  most: Int = 1_000_000
) throws(StatisticsError) -> Int? {
  guard effect != 0, effect.isFinite else { throw .outOfRange("an effect", effect) }
  guard deviation >= 0, deviation.isFinite else { throw .outOfRange("a standard deviation", deviation) }
  guard power >= 0.5, power < 1 else { throw .outOfRange("a power", power) }
  guard level > 0, level < 1 else { throw .outOfRange("a level", level) }
  let ratio = deviation / abs(effect)
  return smallestCount(from: fewest, through: most) { count in
    let reach =
      studentReach(level: 1 - level, degrees: count - 1)
      + studentReach(level: 2 * power - 1, degrees: count - 1)
    return Double(count) >= (reach * ratio) * (reach * ratio)
  }
}
