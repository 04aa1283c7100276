/// The arithmetic mean; nil without values. NaN and infinity pass through to the result.
package func mean(_ values: [Double]) -> Double? {
  guard !values.isEmpty else { return nil }
  return values.reduce(0, +) / Double(values.count)
}

/// The standard error s/√n of the mean of independent values, where s is their estimated standard deviation;
/// nil for fewer than two values.
package func standardErrorOfMean(_ values: [Double]) -> Double? {
  standardDeviation(values, ddof: 1).map { $0 / Double(values.count).squareRoot() }
}

/// The standard deviation √(Σ(x − x̄)² / (n − ddof)), by two passes; nil unless n − ddof is positive.
///
/// - Parameter ddof: 0 for the deviation of these values, 1 for an estimate of the deviation of the
///   distribution they come from.
package func standardDeviation(_ values: [Double], ddof: Int) -> Double? {
  guard let mean = mean(values), ddof >= 0, values.count > ddof else { return nil }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(values.count - ddof)).squareRoot()
}
