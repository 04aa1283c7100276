/// Pearson's correlation of paired values: Σ(x − x̄)(y − ȳ) / √(Σ(x − x̄)² · Σ(y − ȳ)²).
///
/// - Returns: a value in [−1, 1]; nil if one side is constant, which leaves the correlation undefined.
/// - Throws: `StatisticsError.unequalCounts`, `tooFew` below two pairs, `notANumber` for NaN or infinity.
package func pearson(_ x: [Double], _ y: [Double]) throws(StatisticsError) -> Double? {
  guard x.count == y.count else { throw .unequalCounts(x.count, y.count) }
  guard x.count >= 2 else { throw .tooFew(needed: 2, found: x.count) }
  guard let x = try normalised(x), let y = try normalised(y) else { return nil }
  return pearson(ofNormalised: x, y)
}

/// Pearson's correlation of what `normalised` gives, as many values on both sides.
func pearson(ofNormalised x: [Double], _ y: [Double]) -> Double {
  var product = 0.0
  for place in x.indices { product += x[place] * y[place] }
  return min(1, max(-1, product))
}

/// Spearman's rank correlation: Pearson's correlation of the average ranks.
///
/// - Returns: a value in [−1, 1]; nil if one side is constant, which leaves the correlation undefined.
/// - Throws: `StatisticsError.unequalCounts`, `tooFew` below two pairs, `notANumber` for NaN.
package func spearman(_ x: [Double], _ y: [Double]) throws(StatisticsError) -> Double? {
  guard x.count == y.count else { throw .unequalCounts(x.count, y.count) }
  return try pearson(averageRanks(x), averageRanks(y))
}

/// The values minus their mean, scaled to a Euclidean norm of 1; nil if all values are equal.
func normalised(_ values: [Double]) throws(StatisticsError) -> [Double]? {
  if let index = values.firstIndex(where: { !$0.isFinite }) { throw .notANumber(index: index) }
  guard let first = values.first, values.contains(where: { $0 != first }) else { return nil }
  // Scaling by a power of two is exact and keeps the sums and squares of very large and very small values in
  // range.
  let scaled = scaledToOne(values)
  let mean = scaled.reduce(0, +) / Double(scaled.count)
  let centred = scaledToOne(scaled.map { $0 - mean })
  let norm = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
  // The norm is also 0 for values so close together that all of them round to their mean.
  guard norm > 0 else { return nil }
  return centred.map { $0 / norm }
}

/// The values times the power of two that brings the largest magnitude into [1, 2).
private func scaledToOne(_ values: [Double]) -> [Double] {
  let largest = values.reduce(0) { max($0, abs($1)) }
  guard largest > 0 else { return values }
  return values.map { Double(sign: .plus, exponent: -Int(largest.exponent), significand: $0) }
}
