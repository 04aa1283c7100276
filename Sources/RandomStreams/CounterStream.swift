/// A counter-based stream of random words: Philox4x32-10 with the seed as its key and one lane for each
/// purpose.
///
/// The seed is the 64-bit key. The 128-bit counter is (block, lane): the lane is a stable hash of the
/// purpose, and the block increases by one for every four words. Streams with different seeds or different
/// lanes never overlap.
///
/// ```
/// var stream = CounterStream(seed: 42, purpose: .trainingData)
/// let length = stream.integer(in: 3..<8)
/// let resample = CounterStream(seed: 42, purpose: .bootstrap).split(17)
/// ```
package struct CounterStream: RandomStream, Equatable {
  /// The seed, which is the key of Philox.
  package let seed: UInt64
  /// The upper half of the counter: it encodes the purpose and the splits.
  let lane: UInt64
  /// The block of the next word, and the word's position within the block.
  var block: UInt64
  var word: Int
  /// The words of four blocks, of which the first has a number that four divides and the current block is one, in the
  /// order of `Philox.blocks`. They are made when the first of them is drawn.
  private var words = SIMD16<UInt32>()

  /// The stream of `purpose` under `seed`, from its beginning.
  package init(seed: UInt64, purpose: Purpose) {
    self.init(seed: seed, lane: purpose.stableHash, block: 0, word: 0)
  }

  init(seed: UInt64, lane: UInt64, block: UInt64, word: Int) {
    self.seed = seed
    self.lane = lane
    self.block = block
    self.word = word
    if current != 0 || word != 0 { fill() }
  }

  /// An independent stream for the `index`-th of many similar things, such as bootstrap resamples or the
  /// models of an ensemble.
  ///
  /// It depends on the seed, the purpose, the earlier splits and `index`, but not on how much was drawn. The
  /// lane passes through a bijection (the finaliser of SplitMix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA
  /// 2014), so two indices never share a lane.
  package func split(_ index: UInt64) -> CounterStream {
    var mixed = lane &+ (index &+ 1) &* 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    return CounterStream(seed: seed, lane: mixed, block: 0, word: 0)
  }

  /// The number of the current block among the four.
  private var current: Int { Int(block % UInt64(Philox.atOnce)) }

  private mutating func fill() {
    words = Philox.blocks(low: block & ~UInt64(Philox.atOnce - 1), high: lane, key: seed)
  }

  /// The next 32 uniform bits.
  package mutating func next() -> UInt32 {
    let place = current
    if place == 0, word == 0 { fill() }
    let value = words[Philox.atOnce * word + place]
    word += 1
    if word == 4 {
      word = 0
      block &+= 1
    }
    return value
  }

  /// The next two words, the first in the upper half.
  mutating func nextPair() -> UInt64 {
    // Most often both are of the same block.
    guard word % 2 == 0 else {
      let (high, low): (UInt32, UInt32) = (next(), next())
      return UInt64(high) << 32 | UInt64(low)
    }
    let place = current
    if place == 0, word == 0 { fill() }
    let (high, low) = (words[Philox.atOnce * word + place], words[Philox.atOnce * (word + 1) + place])
    if word == 0 {
      word = 2
    } else {
      word = 0
      block &+= 1
    }
    return UInt64(high) << 32 | UInt64(low)
  }

  /// Replaces all elements by the next pairs of words, as many calls of `next() -> UInt64` would give them.
  package mutating func fill(_ pairs: inout [UInt64]) {
    var place = 0
    while place < pairs.count {
      // The words of four blocks together, where nothing of them is drawn yet.
      guard current == 0, word == 0, place + 2 * Philox.atOnce <= pairs.count else {
        pairs[place] = nextPair()
        place += 1
        continue
      }
      fill()
      let first = Self.pairs(words.lowHalf)
      let second = Self.pairs(words.highHalf)
      for block in 0..<Philox.atOnce {
        pairs[place] = first[block]
        pairs[place + 1] = second[block]
        place += 2
      }
      block &+= UInt64(Philox.atOnce)
    }
  }

  /// The pairs of one word of four blocks, in the lower half, and the word after it.
  private static func pairs(_ words: SIMD8<UInt32>) -> SIMD4<UInt64> {
    SIMD4<UInt64>(truncatingIfNeeded: words.lowHalf) &<< 32
      | SIMD4<UInt64>(truncatingIfNeeded: words.highHalf)
  }

  /// Equal streams give the same words from their current positions on.
  package static func == (left: CounterStream, right: CounterStream) -> Bool {
    left.seed == right.seed && left.lane == right.lane && left.block == right.block && left.word == right.word
  }
}
