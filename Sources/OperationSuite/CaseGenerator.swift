import Digests
import RandomStreams

/// Generates the inputs of one case: the same floats on every device, and different ones for each seed.
struct CaseGenerator {
  private var stream: CounterStream

  /// The stream for case `shape` of `operation`. Every case has its own stream, so adding a case changes no
  /// other.
  init(seed: UInt64, operation: String, shape: String) {
    let hash = fnv1a64("\(operation) \(shape)".utf8)
    stream = CounterStream(seed: seed, purpose: .validation).split(hash)
  }

  /// A value with mean `mean` and standard deviation `deviation`, at most √12 deviations from the mean.
  ///
  /// It is the shifted sum of four uniform bytes: close enough to normal for an input, bounded so that the
  /// largest score or logit is known, and made from a single word of the stream.
  mutating func value(mean: Float = 0, deviation: Float = 1) -> Float {
    let word = stream.next()
    let sum = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
    // The variance of a uniform byte is (256² − 1)/12; that of the sum of four is 21845.
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
