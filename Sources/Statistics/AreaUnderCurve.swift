/// The area under straight lines through values at equal distances over 0…1: Σ (yₖ + yₖ₊₁)/2 / (n − 1), as numpy's
/// `trapezoid`.
///
/// - Returns: nil for fewer than two values.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity.
package func trapezoidArea(_ values: [Double]) throws(StatisticsError) -> Double? {
  try requireFinite(values)
  guard values.count >= 2 else { return nil }
  return zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / Double(values.count - 1)
}
