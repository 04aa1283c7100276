import Foundation

/// Uniform and normal values and unbiased integers from a counter-based stream.
extension CounterStream {
  /// The high 24 bits of the next word times 2⁻²⁴.
  package mutating func uniform() -> Float {
    Float(next() >> 8) * 0x1p-24
  }

  /// A value of N(0, 1), computed in double precision: the first value of a Box–Muller pair, from two words.
  package mutating func normal() -> Float {
    // Half a step above zero keeps the logarithm finite; the largest possible value is 6.8.
    let u1 = (Double(next()) + 0.5) * 0x1p-32
    let u2 = Double(next()) * 0x1p-32
    return Float((-2 * log(u1)).squareRoot() * cos(2 * Double.pi * u2))
  }

  /// `count` independent values of N(0, 1).
  package mutating func normal(count: Int) -> [Float] {
    (0..<max(0, count)).map { _ in normal() }
  }

  /// An unbiased uniform integer, by widening multiplication with rejection. A range of one value draws
  /// nothing; a range of more than 2³² values takes two words per trial.
  ///
  /// Source: D. Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019).
  ///
  /// - Precondition: `range` is not empty.
  package mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "an integer cannot be drawn from an empty range")
    let count = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
    guard count > 1 else { return range.lowerBound }
    let offset: UInt64
    if let narrow = UInt32(exactly: count) {
      offset = UInt64(Self.below(narrow) { next() })
    } else {
      offset = Self.below(count) {
        let high = UInt64(next())
        return high << 32 | UInt64(next())
      }
    }
    return range.lowerBound &+ Int(truncatingIfNeeded: offset)
  }

  private static func below<Word: FixedWidthInteger & UnsignedInteger>(_ count: Word, draw: () -> Word)
    -> Word
  where Word.Magnitude == Word {
    // The lowest 2ʷ mod count products are rejected; they would favour some values.
    let surplus = (0 &- count) % count
    var product = count.multipliedFullWidth(by: draw())
    while product.low < surplus { product = count.multipliedFullWidth(by: draw()) }
    return product.high
  }
}
