import Foundation

/// Gauss–Legendre quadrature on [0, 1], which is exact for polynomials of degree 2·count − 1.
///
/// The nodes are found by Newton's method on the Legendre polynomial, from Tricomi's starting values (Press
/// et al., "Numerical Recipes", section 4.6).
struct GaussLegendre {
  /// Ascending in (0, 1).
  let points: [Double]
  /// Their sum is 1.
  let weights: [Double]

  /// - Parameter count: at least 1; smaller numbers are treated as 1.
  init(_ count: Int) {
    let n = max(count, 1)
    var (points, weights) = ([Double](), [Double]())
    for i in 0..<n {
      var x = cos(Double.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (current, previous) = (1.0, 0.0)
        for degree in 1...n {
          let d = Double(degree)
          (current, previous) = (((2 * d - 1) * x * current - (d - 1) * previous) / d, current)
        }
        slope = Double(n) * (x * current - previous) / (x * x - 1)
        let step = current / slope
        x -= step
        if abs(step) <= 1e-15 { break }
      }
      points.append((1 - x) / 2)
      weights.append(1 / ((1 - x * x) * slope * slope))
    }
    (self.points, self.weights) = (points, weights)
  }
}
