import Foundation

@testable import Statistics

/// The statistic and the p-value of the Kolmogorov–Smirnov test.
struct KolmogorovSmirnovResult: Equatable, Sendable {
  /// The largest distance between the empirical distribution function and the hypothesised one.
  var statistic: Double
  var pValue: Double
}

/// The two-sided Kolmogorov–Smirnov test of the hypothesis that values are uniform on [0, 1]. To test another
/// continuous distribution, pass its distribution function at the values.
///
/// - Returns: `notEstimable` without values.
/// - Throws: `StatisticsError.outOfRange` for a value outside [0, 1], NaN included.
func kolmogorovSmirnovTest(uniform values: [Double]) throws(StatisticsError)
  -> Estimable<KolmogorovSmirnovResult>
{
  if let stray = values.first(where: { !(0...1).contains($0) }) {
    throw .outOfRange("a uniform value", stray)
  }
  guard !values.isEmpty else { return .notEstimable(.tooFew(needed: 1, found: 0)) }
  let count = Double(values.count)
  var distance = 0.0
  for (place, value) in values.sorted().enumerated() {
    distance = max(distance, Double(place + 1) / count - value, value - Double(place) / count)
  }
  return .value(
    KolmogorovSmirnovResult(
      statistic: distance, pValue: kolmogorovTail(count: values.count, distance: distance)))
}

/// P(D ≥ distance) for `count` uniform values. It is exact, by powers of a matrix, down to about 0.001. Below
/// that the matrix method would lose its digits to cancellation, and the result is twice the one-sided
/// probability (both sides at once have a probability below 1e-12).
///
/// Source: G. Marsaglia, W. W. Tsang, J. Wang, "Evaluating Kolmogorov's Distribution", Journal of Statistical
/// Software 8 (2003); for one side Z. W. Birnbaum and F. H. Tingey, Annals of Mathematical Statistics 22
/// (1951).
private func kolmogorovTail(count: Int, distance: Double) -> Double {
  let n = Double(count)
  if n * distance * distance > 3.76 { return min(1, 2 * oneSidedTail(count: count, distance: distance)) }
  let k = Int(n * distance) + 1
  let size = 2 * k - 1
  let h = Double(k) - n * distance
  var matrix = SquareMatrix(size: size)
  for row in 0..<size {
    for column in 0..<min(row + 2, size) { matrix[row, column] = 1 }
  }
  for place in 0..<size {
    matrix[place, 0] -= pow(h, Double(place + 1))
    matrix[size - 1, place] -= pow(h, Double(size - place))
  }
  if 2 * h > 1 { matrix[size - 1, 0] += pow(2 * h - 1, Double(size)) }
  for row in 0..<size {
    for column in 0..<min(row + 2, size) where row - column + 1 > 0 {
      for factor in 1...(row - column + 1) { matrix[row, column] /= Double(factor) }
    }
  }
  // The power is multiplied by n!/nⁿ later, which is about e⁻ⁿ: dividing each factor by e keeps it in range.
  let power = matrix.scaled(by: exp(-1)).power(count)
  return min(1, max(0, 1 - power[k - 1, k - 1] * exp(lgamma(n + 1) - n * log(n) + n)))
}

/// P(D⁺ ≥ distance) = d · Σ C(n, j) · (1 − d − j/n)ⁿ⁻ʲ · (d + j/n)ʲ⁻¹ over j ≤ n·(1 − d).
private func oneSidedTail(count: Int, distance: Double) -> Double {
  let n = Double(count)
  return (0...count).reduce(0.0) { sum, place in
    let j = Double(place)
    let rest = 1 - distance - j / n
    guard rest > 0 else { return sum }
    let choose = lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1)
    return sum + distance * exp(choose + (n - j) * log(rest) + (j - 1) * log(distance + j / n))
  }
}

/// A square matrix, stored by rows.
private struct SquareMatrix {
  let size: Int
  private var values: [Double]

  init(size: Int) {
    self.size = size
    values = Array(repeating: 0, count: size * size)
  }

  subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  func scaled(by factor: Double) -> SquareMatrix {
    var scaled = self
    for place in values.indices { scaled.values[place] *= factor }
    return scaled
  }

  /// The matrix to the power of `exponent` ≥ 1, by repeated squaring.
  func power(_ exponent: Int) -> SquareMatrix {
    guard exponent > 1 else { return self }
    let root = power(exponent / 2)
    let square = root * root
    return exponent % 2 == 0 ? square : square * self
  }

  static func * (left: SquareMatrix, right: SquareMatrix) -> SquareMatrix {
    var product = SquareMatrix(size: left.size)
    for row in 0..<left.size {
      for inner in 0..<left.size {
        let factor = left[row, inner]
        for column in 0..<left.size { product[row, column] += factor * right[inner, column] }
      }
    }
    return product
  }
}
