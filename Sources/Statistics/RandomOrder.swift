/// Random indices, resamples and orders. They are written out here so that a seed gives the same numbers with
/// every version of the standard library.

/// An unbiased index below `count` by widening multiplication with rejection.
///
/// Source: D. Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019).
///
/// - Precondition: `count` is positive.
func randomIndex(below count: Int, using generator: inout some RandomNumberGenerator) -> Int {
  let count = UInt64(count)
  var product = count.multipliedFullWidth(by: generator.next())
  if product.low < count {
    let surplus = (0 &- count) % count
    while product.low < surplus { product = count.multipliedFullWidth(by: generator.next()) }
  }
  return Int(product.high)
}

/// Replaces `rows` by the same number of indices below that number, drawn with replacement.
func resample(_ rows: inout [Int], using generator: inout some RandomNumberGenerator) {
  let count = rows.count
  for place in 0..<count { rows[place] = randomIndex(below: count, using: &generator) }
}

/// Shuffles `values` by the Fisher–Yates method (R. Durstenfeld, CACM 7, 1964).
func shuffle<Value>(_ values: inout [Value], using generator: inout some RandomNumberGenerator) {
  guard values.count > 1 else { return }
  for last in stride(from: values.count - 1, to: 0, by: -1) {
    values.swapAt(last, randomIndex(below: last + 1, using: &generator))
  }
}

/// A uniform value in [0, 1), a multiple of 2⁻⁵³.
func randomUniform(using generator: inout some RandomNumberGenerator) -> Double {
  Double(generator.next() >> 11) * 0x1p-53
}
