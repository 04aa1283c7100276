import Foundation
import RandomStreams
import Testing

@Suite("The Mersenne Twister")
struct MersenneTwisterTests {
  @Test("the 10,000th word of seed 5489 is the one in the C++ standard")
  func standardAnswer() {
    var stream = MersenneTwister(seed: 5489)
    var word: UInt32 = 0
    for _ in 0..<10_000 { word = stream.next() }
    #expect(word == 4_123_659_995)
  }

  @Test("words equal numpy's, before and after refills")
  func words() throws {
    for fixture in try Fixtures.numpy() {
      var stream = MersenneTwister(seed: fixture.seed)
      let words = (0..<1300).map { _ in stream.next() }
      #expect(Array(words.prefix(16)) == fixture.wordsHead)
      #expect(Array(words.suffix(16)) == fixture.wordsTail)
    }
  }

  @Test("integers of narrow, wide and negative ranges equal numpy's, and so does the word after them")
  func integers() throws {
    for fixture in try Fixtures.numpy() {
      for expected in fixture.ranges {
        var stream = MersenneTwister(seed: fixture.seed)
        let values = expected.values.map { _ in stream.integer(in: expected.low..<expected.high) }
        #expect(values == expected.values, "range \(expected.low)..<\(expected.high)")
        #expect(stream.next() == expected.after, "range \(expected.low)..<\(expected.high)")
      }
    }
  }

  @Test("the lengths and integers of three training batches equal numpy's")
  func batches() throws {
    for fixture in try Fixtures.numpy() {
      var stream = MersenneTwister(seed: fixture.seed)
      for batch in fixture.batches {
        #expect(batch.count == 64)
        for sample in batch {
          let length = stream.integer(in: 3..<8)
          #expect((0..<length).map { _ in stream.integer(in: 1..<100) } == sample)
        }
      }
      #expect(stream.next() == fixture.after)
    }
  }

  @Test("a range of one value draws nothing, and the widest range does not crash")
  func extremeRanges() {
    var stream = MersenneTwister(seed: 7)
    let before = stream
    #expect(stream.integer(in: -3 ..< -2) == -3)
    #expect(stream == before)
    #expect(stream.integer(in: Int.min..<Int.max) < Int.max)
    #expect(stream != before)
  }

  @Test("a saved state continues where it stopped, with its spare normal value")
  func savedState() throws {
    var stream = MersenneTwister(seed: 123)
    for _ in 0..<1000 { _ = stream.next() }
    _ = stream.normal(count: 3)
    var restored = try JSONDecoder().decode(MersenneTwister.self, from: JSONEncoder().encode(stream))
    #expect(restored == stream)
    #expect(restored.normal(count: 5) == stream.normal(count: 5))
    for _ in 0..<1000 { #expect(restored.next() == stream.next()) }
  }

  @Test(
    "a damaged state is an error",
    arguments: [
      (623, 5, "1"), (625, 5, "1"), (624, -1, "1"), (624, 625, "1"), (624, 5, "0"), (624, 5, "4294967296"),
      (624, 5, "-1"), (0, 0, "1"),
    ])
  func damagedState(count: Int, index: Int, word: String) {
    let words = Array(repeating: word, count: count).joined(separator: ",")
    let json = Data("{\"words\":[\(words)],\"index\":\(index)}".utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(MersenneTwister.self, from: json) }
  }
}
