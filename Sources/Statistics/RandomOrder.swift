/// Random indices, resamples and orders. They are written out here so that a seed gives the same numbers with
/// every version of the standard library.
///
/// They take a function that gives uniform words in place of a generator: they are then compiled for the one type of
/// their values, whatever the type of the generator is.

/// An unbiased index below `count` by widening multiplication with rejection.
///
/// Source: D. Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019).
///
/// - Precondition: `count` is positive.
func randomIndex(below count: Int, _ word: () -> UInt64) -> Int {
  let count = UInt64(count)
  var product = count.multipliedFullWidth(by: word())
  if product.low < count {
    let surplus = (0 &- count) % count
    while product.low < surplus { product = count.multipliedFullWidth(by: word()) }
  }
  return Int(product.high)
}

/// Replaces `rows` by the same number of indices below that number, drawn with replacement.
func resample(_ rows: inout [Int], _ word: () -> UInt64) {
  let count = rows.count
  for place in 0..<count { rows[place] = randomIndex(below: count, word) }
}

/// Shuffles `values` by the Fisher–Yates method (R. Durstenfeld, CACM 7, 1964).
func shuffle<Value>(_ values: inout [Value], _ word: () -> UInt64) {
  shuffle(&values, in: values.indices, word)
}

/// Shuffles a part of `values` among itself, in the same way.
func shuffle<Value>(_ values: inout [Value], in part: Range<Int>, _ word: () -> UInt64) {
  guard part.count > 1 else { return }
  for last in stride(from: part.count - 1, to: 0, by: -1) {
    values.swapAt(part.lowerBound + last, part.lowerBound + randomIndex(below: last + 1, word))
  }
}

/// A uniform value in [0, 1), a multiple of 2⁻⁵³.
func randomUniform(_ word: () -> UInt64) -> Double {
  Double(word() >> 11) * 0x1p-53
}
