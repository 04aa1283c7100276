/// The area under the polyline through the points (x, y), by the trapezoidal rule: Σ (x₂ − x₁)·(y₁ + y₂)/2.
/// It equals numpy's `trapezoid`.
///
/// - Parameter x: ascending, or descending, which gives the area the opposite sign.
/// - Returns: nil for fewer than two points.
/// - Throws: `StatisticsError.unequalCounts`, or `notANumber` for NaN or infinity.
package func trapezoidArea(x: [Double], y: [Double]) throws(StatisticsError) -> Double? {
  guard x.count == y.count else { throw .unequalCounts(x.count, y.count) }
  try requireFinite(x)
  try requireFinite(y)
  guard x.count >= 2 else { return nil }
  return x.indices.dropFirst().reduce(0.0) { sum, place in
    sum + (x[place] - x[place - 1]) * (y[place - 1] + y[place]) / 2
  }
}
