/// The arithmetic mean; nil of no values. NaN and infinity go through to the result.
package func mean(_ values: [Double]) -> Double? {
  guard !values.isEmpty else { return nil }
  return values.reduce(0, +) / Double(values.count)
}

/// The standard error s/√n of the mean of values drawn independently, s their estimated standard deviation; nil for fewer
/// than two.
package func standardErrorOfMean(_ values: [Double]) -> Double? {
  standardDeviation(values, ddof: 1).map { $0 / Double(values.count).squareRoot() }
}

/// The standard deviation √(Σ(x − x̄)² / (n − ddof)), by two passes; nil where n − ddof is not positive.
///
/// - Parameter ddof: 0 for the deviation of these values, 1 for an estimate of the deviation they were drawn
///   with.
package func standardDeviation(_ values: [Double], ddof: Int) -> Double? {
  guard let mean = mean(values), ddof >= 0, values.count > ddof else { return nil }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(values.count - ddof)).squareRoot()
}
