/// Hartigan's dip: the largest distance between the empirical distribution function and the nearest unimodal
/// distribution function.
///
/// Source: J. A. Hartigan and P. M. Hartigan, "The Dip Test of Unimodality", Annals of Statistics 13 (1985);
/// P. M. Hartigan, Algorithm AS 217, Applied Statistics 34 (1985), with M. Maechler's correction (R package
/// diptest): each round starts from the ends of the hulls.
///
/// The modal interval begins as the whole range. To the left of it the nearest unimodal function follows the
/// greatest convex minorant, to the right of it the least concave majorant. The interval shrinks to the place
/// where those two are farthest apart, until the distance outside the interval is no smaller than the
/// distance inside.
///
/// - Parameter values: n values in any order; ties are allowed.
/// - Returns: a value from 1/(2n) to 1/4; 0 if all values are equal; nil without values.
/// - Throws: `StatisticsError.notANumber` for NaN or infinity.
package func dip(_ values: [Double]) throws(StatisticsError) -> Double? {
  try requireFinite(values)
  guard let first = values.first else { return nil }
  guard values.contains(where: { $0 != first }) else { return 0 }
  return dip(ofSorted: values.sorted())
}

/// The dip of ascending values that are not all equal.
func dip(ofSorted x: [Double]) -> Double {
  let hulls = Hulls(x)
  var (low, high) = (0, x.count - 1)
  // The dip so far, in units of 1/(2n).
  var dip = 1.0
  while true {
    let minorant = hulls.minorantKnots(low, high)
    let majorant = hulls.majorantKnots(low, high)
    let gap = widestGap(x, minorant: minorant, majorant: majorant)
    if gap.distance < dip { break }
    // Outside the shrunken interval the hulls are final; so is their distance from the data.
    let left = minorant[...gap.minorantKnot]
    let right = majorant[gap.majorantKnot...]
    for (from, to) in zip(left, left.dropFirst()) {
      dip = max(dip, excess(x, from, to, above: true))
    }
    for (from, to) in zip(right, right.dropFirst()) {
      dip = max(dip, excess(x, from, to, above: false))
    }
    let next = (minorant[gap.minorantKnot], majorant[gap.majorantKnot])
    if next == (low, high) { break }
    (low, high) = next
  }
  return dip / Double(2 * x.count)
}

/// The greatest convex minorants of all prefixes of the data and the least concave majorants of all suffixes,
/// stored as links: for each value, its neighbour on the hull that ends at it.
private struct Hulls {
  /// For each value, the preceding knot on the minorant of the values up to it.
  private var previous: [Int]
  /// For each value, the following knot on the majorant of the values from it.
  private var following: [Int]

  init(_ x: [Double]) {
    let last = x.count - 1
    previous = Array(repeating: 0, count: x.count)
    following = Array(repeating: last, count: x.count)
    for place in x.indices.dropFirst() {
      var knot = place - 1
      while knot != 0 {
        let before = previous[knot]
        let isConvex =
          (x[place] - x[knot]) * Double(knot - before) < (x[knot] - x[before]) * Double(place - knot)
        if isConvex { break }
        knot = before
      }
      previous[place] = knot
    }
    for place in x.indices.dropLast().reversed() {
      var knot = place + 1
      while knot != last {
        let after = following[knot]
        let isConcave =
          (x[knot] - x[place]) * Double(after - knot) < (x[after] - x[knot]) * Double(knot - place)
        if isConcave { break }
        knot = after
      }
      following[place] = knot
    }
  }

  /// The knots of the minorant of the values from `low` to `high`, ascending.
  func minorantKnots(_ low: Int, _ high: Int) -> [Int] {
    var knots = [high]
    var knot = high
    while knot > low {
      knot = max(low, previous[knot])
      knots.append(knot)
    }
    return knots.reversed()
  }

  /// The knots of the majorant of the values from `low` to `high`, ascending.
  func majorantKnots(_ low: Int, _ high: Int) -> [Int] {
    var knots = [low]
    var knot = low
    while knot < high {
      knot = min(high, following[knot])
      knots.append(knot)
    }
    return knots
  }
}
