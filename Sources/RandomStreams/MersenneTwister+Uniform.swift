/// Uniform values and integers as the published program draws them: single-precision values as PyTorch does,
/// integers as numpy's `RandomState.randint` does.
extension MersenneTwister {
  /// The low 24 bits of the next word times 2⁻²⁴.
  package mutating func uniform() -> Float {
    Float(next() & 0xff_ffff) * 0x1p-24
  }

  /// The next word in the upper half, the word after it in the lower half: PyTorch's `random64`.
  mutating func next64() -> UInt64 {
    let high = UInt64(next())
    return high << 32 | UInt64(next())
  }

  /// A double-precision uniform value in [0, 1): the low 53 bits of `next64()` times 2⁻⁵³.
  mutating func uniformDouble() -> Double {
    Double(next64() & (1 << 53 - 1)) * 0x1p-53
  }

  /// A uniform integer by masked rejection: a word is masked to the smallest 2ᵏ − 1 that is at least count −
  /// 1, and drawn again while it exceeds count − 1. A range of more than 2³² values takes two words per
  /// trial.
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
