/// The least-squares straight line through points.
package struct LinearFit: Equatable, Sendable {
  package let slope: Double
  package let intercept: Double
  /// The share of the variance of y that the line explains; 1 if x or y is constant.
  package let r2: Double

  /// Fits the line; its slope is 0 if x is constant.
  ///
  /// - Throws: `StatisticsError.unequalCounts`, `tooFew` without points, `notANumber` for NaN or infinity.
  package init(_ x: [Double], _ y: [Double]) throws(StatisticsError) {
    guard x.count == y.count else { throw .unequalCounts(x.count, y.count) }
    guard !x.isEmpty else { throw .tooFew(needed: 1, found: 0) }
    try requireFinite(x)
    try requireFinite(y)
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    let xx = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let yy = y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
    let xy = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    slope = xx > 0 ? xy / xx : 0
    intercept = meanY - slope * meanX
    r2 = xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 1
  }
}
