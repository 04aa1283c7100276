/// The variance components of a value that was measured for every unit (a seed) under every combination of two conditions (an ablation and a
/// metric), once each: how much of its variance each of them makes, alone and together.
///
/// The components are estimated from the mean squares of the crossed analysis of variance with all effects random; estimates below 0 are set
/// to 0.
///
/// Source: S. R. Searle, G. Casella, C. E. McCulloch, "Variance Components" (1992), chapter 4; R. L. Brennan, "Generalizability Theory" (2001),
/// chapter 3.
package struct VarianceComponents: Equatable, Sendable {
  package var units: Double
  package var first: Double
  package var second: Double
  package var unitsByFirst: Double
  package var unitsBySecond: Double
  package var firstBySecond: Double
  /// All three together, and every error of measurement.
  package var rest: Double

  /// The sum of all components.
  package var total: Double { parts.reduce(0, +) }

  /// Units, first, second, units × first, units × second, first × second, rest.
  package var parts: [Double] {
    [units, first, second, unitsByFirst, unitsBySecond, firstBySecond, rest]
  }

  /// - Parameter values: [units][first][second], at least two of each.
  /// - Returns: nil for fewer of any.
  /// - Throws: `StatisticsError.unequalCounts` for a design with holes, `.notANumber` for values that are not finite.
  package init?(_ values: [[[Double]]]) throws(StatisticsError) {
    let (n, a, b) = (values.count, values.first?.count ?? 0, values.first?.first?.count ?? 0)
    for unit in values {
      guard unit.count == a else { throw .unequalCounts(unit.count, a) }
      for row in unit where row.count != b { throw .unequalCounts(row.count, b) }
    }
    try requireFinite(values.flatMap { $0.flatMap(\.self) })
    guard n >= 2, a >= 2, b >= 2 else { return nil }
    func average(_ unit: Range<Int>, _ first: Range<Int>, _ second: Range<Int>) -> Double {
      var sum = 0.0
      for i in unit { for j in first { for k in second { sum += values[i][j][k] } } }
      return sum / Double(unit.count * first.count * second.count)
    }
    let (us, firsts, seconds) = (0..<n, 0..<a, 0..<b)
    let grand = average(us, firsts, seconds)
    let u = us.map { average($0..<$0 + 1, firsts, seconds) - grand }
    let f = firsts.map { average(us, $0..<$0 + 1, seconds) - grand }
    let s = seconds.map { average(us, firsts, $0..<$0 + 1) - grand }
    let uf = us.map { i in firsts.map { average(i..<i + 1, $0..<$0 + 1, seconds) - grand - u[i] - f[$0] } }
    let us2 = us.map { i in seconds.map { average(i..<i + 1, firsts, $0..<$0 + 1) - grand - u[i] - s[$0] } }
    let fs = firsts.map { j in seconds.map { average(us, j..<j + 1, $0..<$0 + 1) - grand - f[j] - s[$0] } }
    func square(_ deviations: [Double], each count: Int, freedom: Int) -> Double {
      Double(count) * deviations.reduce(0) { $0 + $1 * $1 } / Double(freedom)
    }
    var residuals: [Double] = []
    for i in us {
      for j in firsts {
        for k in seconds {
          residuals.append(values[i][j][k] - grand - u[i] - f[j] - s[k] - uf[i][j] - us2[i][k] - fs[j][k])
        }
      }
    }
    let ofRest = square(residuals, each: 1, freedom: (n - 1) * (a - 1) * (b - 1))
    let ofUF = square(uf.flatMap(\.self), each: b, freedom: (n - 1) * (a - 1))
    let ofUS = square(us2.flatMap(\.self), each: a, freedom: (n - 1) * (b - 1))
    let ofFS = square(fs.flatMap(\.self), each: n, freedom: (a - 1) * (b - 1))
    func component(_ difference: Double, _ count: Int) -> Double { max(0, difference / Double(count)) }
    units = component(square(u, each: a * b, freedom: n - 1) - ofUF - ofUS + ofRest, a * b)
    first = component(square(f, each: n * b, freedom: a - 1) - ofUF - ofFS + ofRest, n * b)
    second = component(square(s, each: n * a, freedom: b - 1) - ofUS - ofFS + ofRest, n * a)
    unitsByFirst = component(ofUF - ofRest, b)
    unitsBySecond = component(ofUS - ofRest, a)
    firstBySecond = component(ofFS - ofRest, n)
    rest = ofRest
  }
}
