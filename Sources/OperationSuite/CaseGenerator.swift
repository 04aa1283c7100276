import RandomStreams

/// The inputs of one case: the same floats on every device, and new ones under every seed.
struct CaseGenerator {
  private var stream: CounterStream

  /// The stream of case `shape` of `operation`; cases don't share one, so adding a case changes no other.
  init(seed: UInt64, operation: String, shape: String) {
    // FNV-1a, 64 bits: the same on every machine.
    let hash = "\(operation) \(shape)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    stream = CounterStream(seed: seed, purpose: .validation).split(hash)
  }

  /// A value of mean `mean` and standard deviation `deviation`, at most √12 deviations from it.
  ///
  /// The sum of four uniform bytes, shifted: near enough to normal for an input, bounded so that the greatest
  /// score or logit is known, and one word of the stream each.
  mutating func value(mean: Float = 0, deviation: Float = 1) -> Float {
    let word = stream.next()
    let sum = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
    // Variance of a uniform byte: (256² − 1)/12. Four of them: 21845.
    return mean + deviation * (Float(sum) - 510) / 147.80054
  }

  mutating func integer(below bound: Int) -> Int { stream.integer(in: 0..<bound) }

  mutating func indices(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(integer(below: bound)) }
  }

  /// `count` distinct indices in random order.
  mutating func distinctIndices(_ count: Int, below bound: Int) -> [Int32] {
    var all = (0..<bound).map(Int32.init)
    for index in 0..<min(count, bound) { all.swapAt(index, index + integer(below: bound - index)) }
    return Array(all.prefix(count))
  }
}
