import RandomStreams
import Testing

@testable import Statistics

@Suite("Random indices and orders")
struct RandomOrderTests {
  /// A generator that returns given words.
  struct Scripted: RandomNumberGenerator {
    var words: [UInt64]
    mutating func next() -> UInt64 { words.removeFirst() }
  }

  @Test("an index is the high word of a product, with a redraw of words that would cause bias")
  func rejection() {
    // 2⁶⁴ mod 3 = 1, so a word of 0 is rejected and drawn again.
    var generator = Scripted(words: [0, 1 << 63, 0, .max])
    #expect(randomIndex(below: 3) { generator.next() } == 1)
    #expect(randomIndex(below: 3) { generator.next() } == 2)
    #expect(generator.words.isEmpty)
  }

  @Test("a shuffle keeps the values, and all orders of three values are equally likely")
  func orders() {
    var stream = CounterStream(seed: 12, purpose: .permutation)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 {
      var values = [1, 2, 3]
      shuffle(&values) { stream.next() }
      counts[values, default: 0] += 1
    }
    #expect(counts.count == 6)
    // The standard deviation is 29.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 120 })
    var none: [Int] = []
    shuffle(&none) { stream.next() }
    #expect(none.isEmpty)
  }

  @Test("the numbers drawn for a seed never change, because results depend on them")
  func stability() {
    // Computed by an implementation of the stream and the method in another language.
    var stream = CounterStream(seed: 42, purpose: .bootstrap)
    var rows = Array(0..<10)
    resample(&rows) { stream.next() }
    #expect(rows == [1, 5, 8, 1, 9, 9, 1, 2, 3, 4])
    shuffle(&rows) { stream.next() }
    #expect(rows == [1, 9, 3, 4, 9, 5, 2, 1, 8, 1])
  }
}
