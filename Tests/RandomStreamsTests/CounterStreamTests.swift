import Foundation
import Testing

@testable import RandomStreams

@Suite("The counter-based stream")
struct CounterStreamTests {
  /// One of the four blocks that are made at once.
  private func block(_ number: Int = 0, counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    func pair(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }
    let words = Philox.blocks(
      low: pair(counter[0], counter[1]) &- UInt64(number), high: pair(counter[2], counter[3]),
      key: pair(key[0], key[1]))
    return SIMD4((0..<4).map { words[4 * $0 + number] })
  }

  @Test("Philox4x32-10 gives the known answers of Random123, in each of its blocks", arguments: 0..<4)
  func knownAnswers(number: Int) {
    #expect(
      block(number, counter: .zero, key: .zero)
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      block(number, counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      block(
        number, counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        key: SIMD2(0xa409_3822, 0x299f_31d0))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test("the hash of a purpose is FNV-1a, and all purposes have different hashes")
  func purposes() {
    // The hash of "extra", computed in another language.
    #expect(Purpose.extra.stableHash == 0xfd29_ee12_a979_cb69)
    #expect(Set(Purpose.allCases.map(\.stableHash)).count == Purpose.allCases.count)
  }

  @Test("names and words of purposes never change, because results depend on them")
  func stability() {
    #expect(
      Purpose.allCases.map(\.rawValue) == [
        "initialisation", "training_data", "evaluation", "out_of_distribution", "gradients", "means",
        "ablation",
        "resample", "pruning", "bootstrap", "permutation", "validation", "extra", "power",
        "interactions",
      ])
    // From an implementation of Philox and FNV-1a in another language.
    let expected: [UInt32] = [0xf38d_bba9, 0x3902_a5f9, 0x88bd_7ad8, 0x5fb1_8d33, 0x9fa3_7232, 0x6be9_88c8]
    var stream = CounterStream(seed: 42, purpose: .trainingData)
    #expect(expected.map { _ in stream.next() } == expected)
  }

  @Test("words are computed from (block, lane) and the seed, four in a block")
  func counterLayout() {
    let seed: UInt64 = 0x0123_4567_89ab_cdef
    var stream = CounterStream(seed: seed, purpose: .bootstrap)
    let lane = Purpose.bootstrap.stableHash
    for number in 0..<UInt32(9) {
      let expected = block(
        counter: SIMD4(number, 0, UInt32(truncatingIfNeeded: lane), UInt32(lane >> 32)),
        key: SIMD2(0x89ab_cdef, 0x0123_4567))
      for word in 0..<4 { #expect(stream.next() == expected[word]) }
    }
    // Pairs from every place of a block, also over the end of what is made at once.
    for skipped in 0..<20 {
      var (single, pairs) = (stream, stream)
      for _ in 0..<skipped { _ = (single.next(), pairs.next()) as (UInt32, UInt32) }
      for _ in 0..<20 {
        let (high, low): (UInt32, UInt32) = (single.next(), single.next())
        #expect(pairs.next() as UInt64 == UInt64(high) << 32 | UInt64(low) && pairs == single)
      }
      for count in [9, 8, 30] {
        var (many, one) = ([UInt64](repeating: 0, count: count), pairs)
        pairs.fill(&many)
        #expect(many == (0..<count).map { _ in one.next() } && pairs == one)
      }
    }
  }

  @Test("streams of different seeds, purposes or splits differ, and a split ignores earlier draws")
  func independence() {
    let base = CounterStream(seed: 42, purpose: .evaluation)
    var drawn = base
    for _ in 0..<5 { _ = drawn.next() }
    #expect(drawn.split(3) == base.split(3))
    let streams =
      Purpose.allCases.map { CounterStream(seed: 42, purpose: $0) }
      + [CounterStream(seed: 43, purpose: .evaluation), base.split(0), base.split(1), base.split(0).split(0)]
    let heads = streams.map { stream in
      var stream = stream
      return (0..<4).map { _ in stream.next() }
    }
    #expect(Set(heads).count == heads.count)
    #expect(Set((0..<10_000).map { base.split($0).lane }).count == 10_000)
  }

  @Test("a saved position continues where it stopped, at each word of a block")
  func savedState() throws {
    var stream = CounterStream(seed: .max, purpose: .permutation).split(9)
    for _ in 0..<9 {
      var restored = try JSONDecoder().decode(CounterStream.self, from: JSONEncoder().encode(stream))
      #expect(restored == stream)
      var original = stream
      for _ in 0..<9 { #expect(restored.next() == original.next()) }
      _ = stream.next()
    }
  }

  @Test("as a Swift generator it combines two words, the first one in the upper half")
  func generator() {
    func draw(_ generator: inout some RandomNumberGenerator) -> UInt64 { generator.next() }
    var stream = CounterStream(seed: 42, purpose: .trainingData)
    // The words of the test above.
    #expect(draw(&stream) == 0xf38d_bba9_3902_a5f9)
    #expect(draw(&stream) == 0x88bd_7ad8_5fb1_8d33)
    let word = stream.next()
    #expect(word == UInt32(0x9fa3_7232))
  }

  @Test("a damaged position is an error", arguments: ["4", "-1", "0.5", "null"])
  func damagedState(word: String) {
    let json = Data("{\"seed\":1,\"lane\":2,\"block\":3,\"word\":\(word)}".utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(CounterStream.self, from: json) }
  }

  @Test("the block counter wraps around without a crash")
  func wrap() {
    var stream = CounterStream(seed: 1, lane: 2, block: .max, word: 3)
    _ = stream.next()
    #expect(stream == CounterStream(seed: 1, lane: 2, block: 0, word: 0))
  }

  @Test("integers fill their range evenly", arguments: [2, 3, 99, 1000])
  func integers(count: Int) {
    var stream = CounterStream(seed: 5, purpose: .extra)
    let draws = 200 * count
    var tally = Array(repeating: 0, count: count)
    for _ in 0..<draws { tally[stream.integer(in: -7..<(count - 7)) + 7] += 1 }
    // χ² has the mean count − 1 and the variance 2(count − 1). The bound is five standard deviations, and a
    // little more for the tail.
    let chiSquare = tally.reduce(0.0) { $0 + (Double($1) - 200) * (Double($1) - 200) / 200 }
    let degrees = Double(count - 1)
    #expect(chiSquare <= degrees + 5 * (2 * degrees).squareRoot() + 10)
  }

  @Test(
    "a range that does not divide the words evenly favours no value",
    arguments: [3 << 30, 3 << 61])
  func unbiased(count: Int) {
    // With words cut to the range, and none rejected, one remainder of 3 would come half of the time, or a quarter.
    var stream = CounterStream(seed: 11, purpose: .evaluation)
    var remainders = [0, 0, 0]
    for _ in 0..<20_000 { remainders[stream.integer(in: 0..<count) % 3] += 1 }
    for found in remainders { #expect(abs(Double(found) / 20_000 - 1.0 / 3) < 0.02, "\(remainders)") }
  }

  @Test("wide ranges do not crash, and a range of one value draws nothing")
  func extremeRanges() {
    var stream = CounterStream(seed: 8, purpose: .extra)
    let before = stream
    #expect(stream.integer(in: 4..<5) == 4)
    #expect(stream == before)
    for _ in 0..<100 {
      #expect(stream.integer(in: Int.min..<Int.max) < Int.max)
      #expect((0..<(1 << 33)).contains(stream.integer(in: 0..<(1 << 33))))
      #expect((0..<(1 << 32)).contains(stream.integer(in: 0..<(1 << 32))))
      #expect((0..<(1 << 32 - 1)).contains(stream.integer(in: 0..<(1 << 32 - 1))))
    }
  }

  @Test("uniform values lie in [0, 1) with mean 1/2 and variance 1/12; normal ones have moments 0, 1, 0, 3")
  func moments() {
    var stream = CounterStream(seed: 11, purpose: .initialisation)
    let count = 40_000
    let uniforms = (0..<count).map { _ in Double(stream.uniform()) }
    #expect(uniforms.allSatisfy { (0..<1).contains($0) })
    #expect(abs(uniforms.reduce(0, +) / Double(count) - 0.5) <= 0.0075)
    let spread = uniforms.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(count)
    #expect(abs(spread - 1 / 12.0) <= 0.002)
    let normals = stream.normal(count: count).map(Double.init)
    for (power, moment, tolerance) in [(1, 0.0, 0.025), (2, 1, 0.036), (3, 0, 0.1), (4, 3, 0.25)] {
      let mean = normals.reduce(0) { $0 + pow($1, Double(power)) } / Double(count)
      #expect(abs(mean - moment) <= tolerance, "moment \(power)")
    }
  }

  @Test("values between bounds stay within them")
  func bounded() {
    var stream = CounterStream(seed: 12, purpose: .initialisation)
    let values = stream.uniform(count: 1001, bound: 0.25)
    #expect(values.count == 1001)
    #expect(values.allSatisfy { $0 >= -0.25 && $0 < 0.25 })
  }
}
