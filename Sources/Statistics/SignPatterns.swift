/// The patterns of signs of a sign-flip test: made once, they serve every sample of that size.
///
/// Up to 16 differences these are all patterns; above that, random ones.
package struct SignPatterns: Sendable {
  /// The largest number of differences of which all patterns are used.
  static let mostForAll = 16

  /// The number of differences.
  package let count: Int
  /// The number of patterns.
  let patterns: Int
  /// Whether these are all patterns there are.
  let areAll: Bool
  /// A bit for each difference, which is negated where its bit is set: [four patterns][64 differences]. The lowest bit
  /// belongs to the first of the 64.
  private let signs: [SIMD4<UInt64>]
  private let words: Int

  /// - Parameters:
  ///   - count: the number of differences, at least one.
  ///   - draws: the number of random patterns, where not all are used.
  package init(count: Int, draws: Int, using generator: inout some RandomNumberGenerator) {
    self.count = count
    words = (count + 63) / 64
    areAll = count <= Self.mostForAll
    patterns = areAll ? 1 << count : draws
    var signs = [SIMD4<UInt64>](repeating: .zero, count: (patterns + 3) / 4 * words)
    for pattern in 0..<patterns {
      for word in 0..<words {
        signs[pattern / 4 * words + word][pattern % 4] = areAll ? UInt64(pattern) : generator.next()
      }
    }
    self.signs = signs
  }

  /// The bytes that the patterns take.
  package var byteCount: Int { signs.count * MemoryLayout<SIMD4<UInt64>>.stride }

  /// Passes the sum of the values under each pattern to `body`, until it returns false.
  ///
  /// - Parameter values: as many as `count`.
  func forEachSum(of values: [Double], _ body: (Double) -> Bool) {
    for first in stride(from: 0, to: patterns, by: 4) {
      let sums = sums(of: values, from: first / 4 * words)
      for lane in 0..<min(4, patterns - first) where !body(sums[lane]) { return }
    }
  }

  private func sums(of values: [Double], from begin: Int) -> SIMD4<Double> {
    var total = SIMD4<Double>.zero
    for word in 0..<words {
      var signs = signs[begin + word]
      var sum = SIMD4<Double>.zero
      for value in values[word * 64..<min(word * 64 + 64, values.count)] {
        let bits = SIMD4(repeating: value.bitPattern) ^ ((signs & 1) &<< 63)
        sum += SIMD4(
          Double(bitPattern: bits[0]), Double(bitPattern: bits[1]), Double(bitPattern: bits[2]),
          Double(bitPattern: bits[3]))
        signs &>>= 1
      }
      total += sum
    }
    return total
  }
}
