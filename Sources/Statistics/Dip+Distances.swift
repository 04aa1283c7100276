/// Distances between the two hulls, and between a hull and the data, in units of 1/n.

/// The place where the majorant and the minorant are farthest apart.
struct WidestGap {
  var distance = 0.0
  /// The indices, in the two lists of knots, of the ends of the interval that has this gap.
  var minorantKnot: Int
  var majorantKnot: Int
}

/// The widest gap at the inner knots of both hulls. The minorant lies below the steps of the distribution
/// function and the majorant above them, so each interpolated value is off by the one step that the data make
/// at the knot.
///
/// - Parameters:
///   - x: ascending values.
///   - minorant, majorant: knots (indices of values), ascending. Both lists have the same first and last
///     knot.
func widestGap(_ x: [Double], minorant: [Int], majorant: [Int]) -> WidestGap {
  // Both hulls are straight lines from end to end: they are one step apart.
  if minorant.count == 2, majorant.count == 2 {
    return WidestGap(distance: 1, minorantKnot: 0, majorantKnot: 1)
  }
  var widest = WidestGap(minorantKnot: 0, majorantKnot: majorant.count - 1)
  var (lower, upper) = (1, 1)
  while minorant[lower] != majorant[upper] {
    let gap: WidestGap
    if minorant[lower] > majorant[upper] {
      let knot = majorant[upper]
      let rise = interpolatedRise(x, minorant[lower - 1], minorant[lower], at: knot)
      gap = WidestGap(
        distance: Double(knot - minorant[lower - 1] + 1) - rise, minorantKnot: lower - 1, majorantKnot: upper)
      upper = min(upper + 1, majorant.count - 1)
    } else {
      let knot = minorant[lower]
      let rise = interpolatedRise(x, majorant[upper - 1], majorant[upper], at: knot)
      gap = WidestGap(
        distance: rise - Double(knot - majorant[upper - 1] - 1), minorantKnot: lower, majorantKnot: upper)
      lower = min(lower + 1, minorant.count - 1)
    }
    if gap.distance >= widest.distance { widest = gap }
  }
  return widest
}

/// How far the data stand out from a straight piece of a hull between two of its knots: above a minorant's
/// piece (`above` is true), or below a majorant's. The result is at least 1, the height of a step.
func excess(_ x: [Double], _ from: Int, _ to: Int, above: Bool) -> Double {
  guard to - from > 1, x[from] != x[to] else { return 1 }
  return (from...to).reduce(1) { largest, place in
    let steps = Double(place - from)
    let rise = interpolatedRise(x, from, to, at: place)
    return max(largest, above ? steps + 1 - rise : rise - (steps - 1))
  }
}

/// How far the straight line through two knots has risen, in steps, between the first knot and the value at
/// `place`.
private func interpolatedRise(_ x: [Double], _ from: Int, _ to: Int, at place: Int) -> Double {
  let span = x[to] - x[from]
  return span > 0 ? (x[place] - x[from]) * (Double(to - from) / span) : 0
}
