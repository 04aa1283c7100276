/// Philox4x32 with ten rounds. For each 64-bit key it is a bijection of a 128-bit counter whose outputs are
/// random words.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3",
/// SC'11 (2011).
enum Philox {
  /// The number of blocks that are made at once: vectors of a processor hold several.
  static let atOnce = 4

  /// Four random words for each of four counters (four words, lowest first) that differ in their lowest two, and a key
  /// (two words, lowest first).
  ///
  /// - Parameters:
  ///   - low: the lowest two words of the first counter, which increase by one from counter to counter.
  ///   - high: the other two words.
  /// - Returns: the first words of the four blocks, then the second words, the third and the fourth.
  static func blocks(low: UInt64, high: UInt64, key: UInt64) -> SIMD16<UInt32> {
    let mask = SIMD4<UInt64>(repeating: 0xffff_ffff)
    let counters = SIMD4(low, low &+ 1, low &+ 2, low &+ 3)
    // Each holds one word of four counters.
    var (a, b) = (counters & mask, counters &>> 32)
    var (c, d) = (SIMD4(repeating: high) & mask, SIMD4(repeating: high) &>> 32)
    var (even, odd) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    for _ in 0..<10 {
      let first = (a & mask) &* 0xd251_1f53
      let second = (c & mask) &* 0xcd9e_8d57
      a = (second &>> 32) ^ b ^ SIMD4(repeating: UInt64(even))
      b = second & mask
      c = (first &>> 32) ^ d ^ SIMD4(repeating: UInt64(odd))
      d = first & mask
      even &+= 0x9e37_79b9
      odd &+= 0xbb67_ae85
    }
    return SIMD16(
      lowHalf: SIMD8(lowHalf: SIMD4(truncatingIfNeeded: a), highHalf: SIMD4(truncatingIfNeeded: b)),
      highHalf: SIMD8(lowHalf: SIMD4(truncatingIfNeeded: c), highHalf: SIMD4(truncatingIfNeeded: d)))
  }
}
