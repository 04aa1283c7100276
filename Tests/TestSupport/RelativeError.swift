/// ‖values − expected‖/‖scale‖, where the scale is `expected` unless another is given. The result is NaN if
/// the counts differ, so a bound must be checked as `error <= bound`.
package func relativeError(_ values: [Double], _ expected: [Double], scale: Double? = nil) -> Double {
  guard values.count == expected.count else { return .nan }
  let difference = norm(zip(values, expected).map { $0 - $1 })
  return difference == 0 ? 0 : difference / (scale ?? norm(expected))
}

package func relativeError(_ values: [Float], _ expected: [Float], scale: Double? = nil) -> Double {
  relativeError(values.map(Double.init), expected.map(Double.init), scale: scale)
}

/// The Euclidean norm.
package func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
package func norm(_ values: [Float]) -> Double { norm(values.map(Double.init)) }
