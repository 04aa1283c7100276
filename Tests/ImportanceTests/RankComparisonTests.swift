import Importance
import Statistics
import Testing

@Suite struct RankComparisonTests {
  /// Ten components. Gradient ranks 1…10; causal ranks 7, 8, 2.5, 4, 5, 2.5, 6, 9, 1, 10.
  private let gradient = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
  private let causal = [0.5, 0.6, -0.1, 0, 0.1, -0.1, 0.3, 0.7, -0.2, 0.9]

  @Test("ranks ascend and ties share ranks; a delta is the gradient rank minus the causal rank")
  func ranks() throws {
    let alignment = try RankComparison(gradient: gradient, causal: causal, threshold: .from(6))
    #expect(alignment.gradientRanks == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(alignment.causalRanks == [7, 8, 2.5, 4, 5, 2.5, 6, 9, 1, 10])
    #expect(alignment.deltas == [-6, -6, 0.5, 0, 0, 3.5, 1, -1, 8, 0])
    // Worked out by hand: 1 − cov formula of the ranks, Σd² = 150.5 with one tie of two.
    let (sxx, syy) = (82.5, 82.0)
    let rho = (sxx + syy - 150.5) / (2 * (sxx * syy).squareRoot())
    #expect(abs(try #require(alignment.rho) - rho) <= 1e-12)
    #expect(alignment.rhoReason == nil)
  }

  @Test("a delta equal to the limit counts under `from`, and not under `beyond`")
  func thresholds() throws {
    func classes(_ threshold: RankComparison.Threshold) throws -> [RankComparison.Class] {
      try RankComparison(gradient: gradient, causal: causal, threshold: threshold).classes
    }
    let quiet = [RankComparison.Class](repeating: .neutral, count: 6)
    #expect(try classes(.from(6)) == [.hero, .hero] + quiet + [.bloat, .neutral])
    #expect(try classes(.beyond(6)) == [.neutral, .neutral] + quiet + [.bloat, .neutral])
    #expect(try classes(.beyond(5.5)) == [.hero, .hero] + quiet + [.bloat, .neutral])
    #expect(try classes(.from(8)) == [.neutral, .neutral] + quiet + [.bloat, .neutral])
    #expect(try classes(.beyond(8)) == [RankComparison.Class](repeating: .neutral, count: 10))
  }

  @Test("perfect agreement gives a rho of 1, and perfect disagreement gives −1")
  func extremes() throws {
    let same = try RankComparison(gradient: gradient, causal: gradient, threshold: .from(6))
    #expect(same.rho == 1 && same.classes.allSatisfy { $0 == .neutral })
    let opposite = try RankComparison(gradient: gradient, causal: gradient.map(-), threshold: .from(6))
    #expect(abs(try #require(opposite.rho) + 1) <= 1e-12)
    #expect(opposite.classes.prefix(2).allSatisfy { $0 == .hero })
    #expect(opposite.classes.suffix(2).allSatisfy { $0 == .bloat })
  }

  @Test("a constant score gives a reason instead of a rho, and no heroes or bloats")
  func constant() throws {
    let flat = [Double](repeating: 0.25, count: 10)
    for (g, c, words, others) in [
      (gradient, flat, ["causal"], ["gradient"]), (flat, causal, ["gradient"], ["causal"]),
      (flat, flat, ["gradient", "causal"], []),
    ] {
      let alignment = try RankComparison(gradient: g, causal: c, threshold: .beyond(6))
      #expect(alignment.rho == nil)
      let reason = try #require(alignment.rhoReason)
      #expect(words.allSatisfy(reason.contains) && !others.contains(where: reason.contains), "\(reason)")
    }
    // With equal ranks, the outermost ranks of the other score would look misaligned.
    for (g, c) in [(gradient, flat), (flat, causal), (flat, flat)] {
      for threshold in [RankComparison.Threshold.from(4.5), .beyond(1), .from(0)] {
        let found = try RankComparison(gradient: g, causal: c, threshold: threshold)
        #expect(found.classes.allSatisfy { $0 == .neutral })
      }
    }
    let alignment = try RankComparison(gradient: gradient, causal: flat, threshold: .from(4.5))
    #expect(alignment.causalRanks == [Double](repeating: 5.5, count: 10))
  }

  @Test("scores that cannot be ranked are refused")
  func refused() {
    #expect(throws: StatisticsError.self) {
      try RankComparison(gradient: [1, .nan, 3], causal: [1, 2, 3], threshold: .from(6))
    }
    #expect(throws: StatisticsError.self) {
      try RankComparison(gradient: [1, 2, 3], causal: [1, 2, .nan], threshold: .from(6))
    }
    #expect(throws: StatisticsError.self) {
      try RankComparison(gradient: [1], causal: [1], threshold: .from(6))
    }
    #expect(throws: StatisticsError.self) {
      try RankComparison(gradient: [1, 2, 3], causal: [1, 2], threshold: .from(6))
    }
  }
}
