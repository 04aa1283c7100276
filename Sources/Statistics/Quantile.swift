/// The `probability` quantile, interpolated linearly between the order statistics. It is numpy's default,
/// type 7 of R. J. Hyndman and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician
/// 50 (1996).
///
/// - Parameter probability: in [0, 1]; 0 gives the smallest value, 1 the largest.
/// - Returns: nil without values.
/// - Throws: `StatisticsError.notANumber` for a NaN, `outOfRange` for a probability outside [0, 1].
package func quantile(_ values: [Double], _ probability: Double) throws(StatisticsError) -> Double? {
  if let index = values.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  guard (0...1).contains(probability) else { throw .outOfRange("a probability", probability) }
  guard !values.isEmpty else { return nil }
  return quantile(ofSorted: values.sorted(), probability)
}

/// The same for ascending values.
///
/// - Precondition: there is at least one value, and the probability lies in [0, 1].
func quantile(ofSorted values: [Double], _ probability: Double) -> Double {
  let place = probability * Double(values.count - 1)
  let below = min(Int(place), values.count - 1)
  let above = min(below + 1, values.count - 1)
  let share = place - Double(below)
  // Equal neighbours, also infinite ones, need no interpolation.
  guard share > 0, values[above] != values[below] else { return values[below] }
  return values[below] + share * (values[above] - values[below])
}

/// The smallest of the ascending values for which at least the share `probability` of all values is no
/// larger.
func steppedQuantile(ofSorted values: [Double], _ probability: Double) -> Double {
  let rank = Int((probability * Double(values.count)).rounded(.up))
  return values[min(max(rank, 1), values.count) - 1]
}
