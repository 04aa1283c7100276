import RandomStreams
import Testing

@testable import Statistics

@Suite("Draws shared by samples of one size")
struct SharedDrawsTests {
  private func values(_ count: Int, _ seed: UInt64) -> [Double] {
    var simulation = Simulation(seed)
    return simulation.normals(count)
  }

  @Test(
    "moments of resamples are those of the values that each resample draws", arguments: [1, 2, 5, 66, 999])
  func moments(resamples: Int) {
    let values = values(7, 1) + [0.25, 0.25]
    var stream = CounterStream(seed: 3, purpose: .bootstrap)
    let found = Resamples(count: 9, resamples: resamples, using: &stream).moments(of: values)
    #expect(found.count == resamples)
    stream = CounterStream(seed: 3, purpose: .bootstrap)
    for moments in found {
      var rows = Array(repeating: 0, count: 9)
      resample(&rows) { stream.next() }
      let drawn = rows.map { values[$0] }
      #expect(moments.mean == mean(drawn))
      let error =
        Set(drawn).count == 1 ? 0 : standardDeviation(drawn, ddof: 1).map { ($0 * $0 / 9).squareRoot() }
      #expect(error.map { abs($0 - moments.error) <= 1e-15 } == true)
    }
  }

  @Test("a resample of one repeated value has no error, however its mean is rounded")
  func repeated() {
    var stream = CounterStream(seed: 3, purpose: .bootstrap)
    let resamples = Resamples(count: 3, resamples: 200, using: &stream)
    let found = resamples.moments(of: [0.1, 0.7, 0.9])
    #expect(found.contains { $0.error == 0 })
    #expect(found.allSatisfy { $0.error == 0 ? [0.1, 0.7, 0.9].contains($0.mean) : $0.error > 0.01 })
  }

  @Test("an interval is the same with draws of the call's own and with shared ones")
  func interval() throws {
    let values = values(40, 2)
    var stream = CounterStream(seed: 5, purpose: .bootstrap)
    let own = try studentisedMean(values, resamples: 499, using: &stream)
    var asked: [Int] = []
    let shared = try studentisedMean(values) { count in
      asked.append(count)
      var stream = CounterStream(seed: 5, purpose: .bootstrap)
      return Resamples(count: count, resamples: 499, using: &stream)
    }
    #expect(own == shared && own.value != nil && asked == [40])
    _ = try studentisedMean([1, 1]) { count in
      Issue.record("nothing was to be drawn")
      return Resamples(count: count, resamples: 1, using: &stream)
    }
  }

  @Test(
    "sums under sign patterns are those of the values with their signs, in order",
    arguments: [1, 3, 16, 17, 64, 65, 200])
  func signs(count: Int) {
    let values = values(count, 4)
    var stream = CounterStream(seed: 6, purpose: .permutation)
    let patterns = SignPatterns(count: count, draws: 99, using: &stream)
    stream = CounterStream(seed: 6, purpose: .permutation)
    var pattern = 0
    patterns.forEachSum(of: values) { sum in
      var expected = 0.0
      for begin in stride(from: 0, to: count, by: 64) {
        let bits: UInt64 = count <= 16 ? UInt64(pattern) : stream.next()
        var part = 0.0
        for place in begin..<min(begin + 64, count) {
          part += bits >> (place - begin) & 1 == 0 ? values[place] : -values[place]
        }
        expected += part
      }
      #expect(sum == expected)
      pattern += 1
      return true
    }
    #expect(pattern == (count <= 16 ? 1 << count : 99))
  }

  @Test("significance is whether p is at most the level, also where it is decided early")
  func significance() throws {
    for seed in 0..<40 as Range<UInt64> {
      let values = values(seed % 2 == 0 ? 12 : 40, seed).map { $0 + 0.06 * Double(seed) }
      func patterns(_ count: Int) -> SignPatterns {
        var stream = CounterStream(seed: 6, purpose: .permutation)
        return SignPatterns(count: count, draws: 999, using: &stream)
      }
      let p = try #require(try signFlipTest(values, patterns: patterns).value).test.pValue
      for level in [0.0005, 0.002, 0.05, p] {
        #expect(try signFlipIsSignificant(values, level: level, patterns: patterns) == (p <= level))
      }
    }
    var stream = CounterStream(seed: 6, purpose: .permutation)
    #expect(
      try !signFlipIsSignificant([0, 0], level: 1) { SignPatterns(count: $0, draws: 9, using: &stream) })
    #expect(throws: StatisticsError.notANumber(index: 0)) {
      try signFlipIsSignificant([.nan], level: 1) { SignPatterns(count: $0, draws: 9, using: &stream) }
    }
  }

  @Test("many pairs of groups tested together give what each gives alone")
  func groups() throws {
    let stream = CounterStream(seed: 8, purpose: .permutation)
    let samples = (0..<21).map { number -> ([Double], [Double]) in
      let (one, other) = (values(number % 5 == 4 ? 3 : 9, UInt64(number)), values(7, UInt64(100 + number)))
      return number == 13 ? ([], other) : number == 14 ? ([1, 1], [1]) : (one.map { $0 + 0.5 }, other)
    }
    let together = try groupPermutationTests(
      samples.map { pair throws in try GroupPair(pair.0, pair.1) }, alternative: .greater, draws: 299,
      using: stream)
    for (found, sample) in zip(together, samples) {
      var own = stream
      #expect(
        try found == groupPermutationTest(sample.0, sample.1, alternative: .greater, draws: 299, using: &own))
    }
    #expect(throws: StatisticsError.notANumber(index: 1)) { try GroupPair([1], [2, .nan]) }
    #expect(throws: StatisticsError.self) { try groupPermutationTests([], draws: 0, using: stream) }
  }
}
