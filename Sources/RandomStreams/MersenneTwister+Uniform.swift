/// Uniform values and integers as the published program draws them: single precision as PyTorch, integers as
/// numpy's `RandomState.randint`.
extension MersenneTwister {
  /// The low 24 bits of the next word times 2⁻²⁴.
  package mutating func uniform() -> Float {
    Float(next() & 0xff_ffff) * 0x1p-24
  }

  /// The next word above the one after it: PyTorch's `random64`.
  mutating func next64() -> UInt64 {
    let high = UInt64(next())
    return high << 32 | UInt64(next())
  }

  /// A double-precision uniform value in [0, 1): the low 53 bits of `next64()` times 2⁻⁵³.
  mutating func uniformDouble() -> Double {
    Double(next64() & (1 << 53 - 1)) * 0x1p-53
  }

  /// A uniform integer by masked rejection: a word, masked to the smallest 2ᵏ − 1 not below count − 1, is drawn
  /// again while it is above count − 1. Ranges of more than 2³² values take two words a trial.
  ///
  /// - Precondition: `range` is not empty.
  package mutating func integer(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "an integer cannot be drawn from an empty range")
    let last = UInt64(bitPattern: Int64(range.upperBound &- 1 &- range.lowerBound))
    guard last > 0 else { return range.lowerBound }
    let mask = UInt64.max >> UInt64(last.leadingZeroBitCount)
    var offset: UInt64
    repeat {
      offset = (last <= UInt64(UInt32.max) ? UInt64(next()) : next64()) & mask
    } while offset > last
    return range.lowerBound &+ Int(truncatingIfNeeded: offset)
  }
}
