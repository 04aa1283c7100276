import Foundation

/// The distribution function of Student's t, by its finite series for whole degrees of freedom.
///
/// Source: M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.7.3 and 26.7.4.
///
/// - Precondition: degrees ≥ 1.
func studentDistribution(_ t: Double, degrees: Int) -> Double {
  let angle = atan(t / Double(degrees).squareRoot())
  let square = cos(angle) * cos(angle)
  // The first term is cos θ (odd degrees) or 1 (even degrees); each later term is the one before times a
  // ratio and cos²θ.
  var term = degrees % 2 == 1 ? cos(angle) : 1
  var sum = degrees == 1 ? 0 : term
  for step in stride(from: degrees % 2 == 1 ? 3 : 2, to: degrees, by: 2) {
    term *= square * Double(step - 1) / Double(step)
    sum += term
  }
  let central = degrees % 2 == 1 ? 2 / Double.pi * (angle + sin(angle) * sum) : sin(angle) * sum
  return (1 + central) / 2
}

/// Student's t quantile, by bisection to the last bits of double precision.
///
/// - Precondition: the probability lies in (0, 1), and degrees ≥ 1.
func studentQuantile(_ probability: Double, degrees: Int) -> Double {
  bisect(-1e6, 1e6) { studentDistribution($0, degrees: degrees) < probability }
}

/// The point between two ends where an ascending condition stops being true.
func bisect(_ lower: Double, _ upper: Double, isBelow: (Double) -> Bool) -> Double {
  var (lower, upper) = (lower, upper)
  while true {
    let middle = (lower + upper) / 2
    if middle <= lower || middle >= upper { return middle }
    if isBelow(middle) { lower = middle } else { upper = middle }
  }
}
