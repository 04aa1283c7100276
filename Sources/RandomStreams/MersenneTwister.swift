/// The 32-bit Mersenne Twister, MT19937: the generator behind `torch.manual_seed` and `numpy.random.seed`.
///
/// Source: M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform
/// pseudo-random number generator", ACM TOMACS 8 (1998), with the 2002 seeding `init_genrand`.
package struct MersenneTwister: RandomStream, Equatable {
  static let wordCount = 624
  private static let middle = 397

  /// The state: 624 words.
  var words: [UInt32]
  /// The index of the next word; 624 when a new block of words must be generated.
  var index: Int
  /// The unused second value of the last scalar Box–Muller pair, if any (see `normal(count:)`).
  var spareNormal: Double?

  /// Seeds the state like the authors' `init_genrand`.
  package init(seed: UInt32) {
    words = [seed]
    words.reserveCapacity(Self.wordCount)
    var last = seed
    for position in 1..<UInt32(Self.wordCount) {
      last = 1_812_433_253 &* (last ^ (last >> 30)) &+ position
      words.append(last)
    }
    index = Self.wordCount
  }

  init(words: [UInt32], index: Int, spareNormal: Double?) {
    self.words = words
    self.index = index
    self.spareNormal = spareNormal
  }

  /// The next 32 uniform bits.
  package mutating func next() -> UInt32 {
    if index >= Self.wordCount { refill() }
    var word = words[index]
    index += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    word ^= word >> 18
    return word
  }

  private mutating func refill() {
    for position in 0..<Self.wordCount {
      let upper = words[position] & 0x8000_0000
      let lower = words[(position + 1) % Self.wordCount] & 0x7fff_ffff
      let joined = upper | lower
      let twisted = (joined >> 1) ^ (joined & 1 == 0 ? 0 : 0x9908_b0df)
      words[position] = words[(position + Self.middle) % Self.wordCount] ^ twisted
    }
    index = 0
  }
}
