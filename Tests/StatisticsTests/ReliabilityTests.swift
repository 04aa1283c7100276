import Statistics
import Testing

@Suite("Reliability and attenuation")
struct ReliabilityTests {
  @Test("Spearman–Brown doubles a test, and its inverse halves it")
  func spearmanBrownFormula() throws {
    #expect(spearmanBrown(0.5) == 2.0 / 3)
    #expect(spearmanBrown(1) == 1)
    #expect(spearmanBrown(0) == 0)
    #expect(spearmanBrown(-1) == nil)
    for half in [-0.4, 0.1, 0.77] {
      let whole = try #require(spearmanBrown(half))
      #expect(agree(try #require(spearmanBrown(whole, length: 0.5)), half, within: 1e-15))
    }
    // Three times as long as a test of reliability 0.6: 1.8 / 2.2.
    #expect(agree(try #require(spearmanBrown(0.6, length: 3)), 0.8181818181818182, within: 1e-15))
  }

  @Test("split-half reliability is the rank correlation of the halves, corrected by Spearman–Brown")
  func splitHalf() throws {
    // Ranks differ by one swap of neighbours: rho = 1 − 6·2 / (5·24) = 0.9.
    let reliability = try #require(
      try Reliability.splitHalf([1, 2, 3, 4, 9], [0.1, 0.3, 0.2, 0.4, 0.5]).value)
    #expect(agree(reliability.half, 0.9, within: 1e-15))
    #expect(agree(reliability.whole, 1.8 / 1.9, within: 1e-15))
    #expect(try Reliability.splitHalf([1, 1, 1], [1, 2, 3]).reason == .undefinedCorrelation)
    #expect(try Reliability.splitHalf([3, 2, 1], [1, 2, 3]).reason == .oppositeHalves)
    #expect(throws: StatisticsError.unequalCounts(2, 3)) { try Reliability.splitHalf([1, 2], [1, 2, 3]) }
  }

  @Test("a corrected value may exceed 1, and is not given if a reliability is low or undefined")
  func correction() throws {
    #expect(
      agree(try #require(disattenuated(0.6, first: 0.64, second: 0.81).value), 0.6 / 0.72, within: 1e-15))
    #expect(try #require(disattenuated(0.9, first: 0.8, second: 0.8).value) > 1.12)
    #expect(
      disattenuated(0.1, first: 0.9, second: 0.29).reason
        == .lowReliability(.second, found: 0.29, needed: 0.3))
    #expect(
      disattenuated(0.1, first: -0.2, second: 0.9, minimum: -1).reason
        == .lowReliability(.first, found: -0.2, needed: -1))
    #expect(disattenuated(0.1, first: nil, second: 0.9).reason == .undefinedReliability(.first))
    #expect(disattenuated(0.1, first: 0.9, second: nil).reason == .undefinedReliability(.second))
    #expect(disattenuated(nil, first: 0.9, second: 0.9).reason == .undefinedCorrelation)
    #expect(pooledDisattenuated([]).reason == .tooFew(needed: 1, found: 0))
    let nan = disattenuated(0.5, first: .nan, second: 0.9)
    #expect(nan.value == nil)
  }

  @Test(
    "the correction recovers a planted rank correlation of 20 components within 0.02 on average",
    arguments: [(0.3, 0.9, 0.8), (0.7, 0.95, 0.9), (0.7, 0.8, 0.8), (0.9, 0.9, 0.7)])
  func recovery(rho: Double, firstReliability: Double, secondReliability: Double) throws {
    // The rank correlation of a normal population, 6/π · asin(ρ/2), with arcsines computed in another
    // language.
    let planted = try #require([0.3: 0.2875642, 0.7: 0.6829105, 0.9: 0.8914561][rho])
    var simulation = Simulation(7)
    var corrected: [Double] = []
    var terms: [AttenuationTerms] = []
    for _ in 0..<3000 {
      let scores = simulation.halves(
        components: 20, rho: rho, reliability: (firstReliability, secondReliability))
      let measured = try #require(try Self.terms(scores).value)
      terms.append(measured)
      if let value = measured.corrected().value { corrected.append(value) }
    }
    let uncorrected = try #require(mean(terms.map(\.correlation)))
    #expect(agree(try #require(mean(corrected)), planted, within: 0.02))
    #expect(planted - uncorrected > 0.03)
    // Ten runs at a time, with numerator and denominators averaged before the division.
    let pooled = stride(from: 0, to: terms.count, by: 10).compactMap {
      pooledDisattenuated(Array(terms[$0..<($0 + 10)])).value
    }
    #expect(pooled.count == terms.count / 10)
    #expect(agree(try #require(mean(pooled)), planted, within: 0.02))
    let spread = try #require(standardDeviation(pooled, ddof: 1))
    #expect(spread < 0.5 * (standardDeviation(corrected, ddof: 1) ?? 0))
  }

  @Test("the terms are the correlations of wholes and halves, or the reason why one is undefined")
  func measuredTerms() throws {
    let x = try HalvedScore([1, 2, 3, 4], [3, 2, 5, 8])
    let y = try HalvedScore([4, 3, 2, 1], [1, 2, 4, 3])
    let terms = try #require(try AttenuationTerms.measured(x, y).value)
    #expect(x.whole == [2, 2, 4, 6])
    // Ranks 1.5 1.5 3 4 with 2.5 2.5 3 2 → 2.5 2.5 4 1, and so on.
    #expect(agree(terms.correlation, try #require(try spearman([2, 2, 4, 6], [2.5, 2.5, 3, 2])), within: 0))
    #expect(agree(terms.firstHalves, 0.8, within: 1e-15))
    #expect(agree(terms.secondHalves, -0.8, within: 1e-15))
    guard case .lowReliability(.second, let found, needed: 0.3) = try #require(terms.corrected().reason)
    else {
      Issue.record("expected a low reliability, found \(terms.corrected())")
      return
    }
    #expect(agree(found, -8, within: 1e-12))
    let constant = try HalvedScore([1, 1, 1, 1], [1, 2, 3, 4])
    #expect(try AttenuationTerms.measured(x, constant).reason == .undefinedReliability(.second))
    #expect(throws: StatisticsError.unequalCounts(1, 2)) { try HalvedScore([1], [1, 2]) }
  }

  static func terms(_ scores: MeasuredScores) throws -> Estimable<AttenuationTerms> {
    try AttenuationTerms.measured(
      HalvedScore(scores.firstHalves[0], scores.firstHalves[1]),
      HalvedScore(scores.secondHalves[0], scores.secondHalves[1]))
  }
}
