/// The `probability` quantile, linear between the order statistics: numpy's default, type 7 of R. J. Hyndman
/// and Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996).
///
/// - Parameter probability: in [0, 1]; 0 is the smallest value, 1 the largest.
/// - Returns: nil of no values.
/// - Throws: `StatisticsError.notANumber` for a NaN, `outOfRange` for a probability outside [0, 1].
package func quantile(_ values: [Double], _ probability: Double) throws(StatisticsError) -> Double? {
  if let index = values.firstIndex(where: \.isNaN) { throw .notANumber(index: index) }
  guard (0...1).contains(probability) else { throw .outOfRange("a probability", probability) }
  guard !values.isEmpty else { return nil }
  return quantile(ofSorted: values.sorted(), probability)
}

/// The same of values that ascend; there is at least one, and the probability lies in [0, 1].
func quantile(ofSorted values: [Double], _ probability: Double) -> Double {
  let place = probability * Double(values.count - 1)
  let below = min(Int(place), values.count - 1)
  let above = min(below + 1, values.count - 1)
  let share = place - Double(below)
  // Equal neighbours, infinite ones too, need no arithmetic.
  guard share > 0, values[above] != values[below] else { return values[below] }
  return values[below] + share * (values[above] - values[below])
}

/// The smallest value that at least a share `probability` of the ascending values does not exceed.
func steppedQuantile(ofSorted values: [Double], _ probability: Double) -> Double {
  let rank = Int((probability * Double(values.count)).rounded(.up))
  return values[min(max(rank, 1), values.count) - 1]
}
