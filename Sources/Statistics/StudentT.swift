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

/// The half-width of a two-sided interval in standard errors: the value t for which |T| < t has the
/// probability `level`.
///
/// It is found by bisection to the last bits of double precision. If the two tails hold less than 2e-6, the
/// tails are computed directly, because one minus such a tail has too few digits left.
///
/// - Precondition: the level lies in (0, 1), and degrees ≥ 1.
package func studentReach(level: Double, degrees: Int) -> Double {
  let tail = (1 - level) / 2
  guard tail < 1e-6 else {
    let probability = (1 + level) / 2
    return bisect(-1e6, 1e6) { studentDistribution($0, degrees: degrees) < probability }
  }
  var end = 1e6
  while studentTail(end, degrees: degrees) > tail { end *= 1e6 }
  return bisect(0, end) { studentTail($0, degrees: degrees) > tail }
}

/// P(T ≥ t) to full relative precision, by the series of the incomplete beta function: with x = n/(n + t²),
/// I_x(n/2, 1/2) / 2.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.17.7 and 8.17.8.
///
/// - Precondition: t ≥ 0, and degrees ≥ 1.
func studentTail(_ t: Double, degrees: Int) -> Double {
  let (n, a) = (Double(degrees), Double(degrees) / 2)
  let x = 1 / (1 + t * t / n)
  // Near the centre the series hardly converges, and nothing cancels.
  guard x < 0.9999 else { return 1 - studentDistribution(t, degrees: degrees) }
  var term = 1.0
  var sum = 1 / a
  var step = 1.0
  while term > 1e-18 * sum {
    term *= x * (step - 0.5) / step
    sum += term / (a + step)
    step += 1
  }
  let scale = exp(a * log(x) + lgamma(a + 0.5) - lgamma(a)) / Double.pi.squareRoot()
  return scale * sum / 2
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
