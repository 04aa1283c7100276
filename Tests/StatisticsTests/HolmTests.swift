import RandomStreams
import Statistics
import Testing

@Suite("Holm's correction") struct HolmTests {
  /// From R 4.4: `p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5, 0.04), "holm")`.
  @Test("gives what R's p.adjust gives")
  func known() {
    let found = holm([0.01, 0.04, 0.03, 0.005, 0.5, 0.04])
    let theirs = [0.05, 0.12, 0.12, 0.03, 0.5, 0.12]
    #expect(zip(found, theirs).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(holm([]).isEmpty && holm([0.3]) == [0.3] && holm([0.9, 0.8]) == [1, 1])
  }

  /// How the values of seeds are distributed around 0.
  enum Shape: CaseIterable {
    case normal
    /// With a few seeds far out.
    case heavyTailed
    /// In steps of half a standard deviation, with many zeros, as accuracies of few samples are.
    case rounded

    func value(_ normal: Double) -> Double {
      switch self {
      case .normal: normal
      case .heavyTailed: normal * abs(normal)
      case .rounded: (2 * normal).rounded() / 2
      }
    }
  }

  /// Twenty-one sign-flip tests of values without any effect, which share a part, as claims about one set of models do; some claims are about
  /// fewer seeds.
  @Test("keeps the probability of even one false decision at the level", arguments: Shape.allCases)
  func familyError(shape: Shape) throws {
    var (simulation, generator) = (Simulation(5), CounterStream(seed: 5, purpose: .permutation))
    let (studies, claims, seeds) = (2_000, 21, 30)
    let counts = [30, 20, 26]
    let patterns = counts.map { SignPatterns(count: $0, draws: 1_999, using: &generator) }
    var wrong = (corrected: 0, uncorrected: 0)
    for _ in 0..<studies {
      let shared = simulation.normals(seeds)
      let pValues = try (0..<claims).map { claim in
        let kind = claim % counts.count
        let values = shared.prefix(counts[kind]).map { shape.value(0.5 * $0 + simulation.normal()) }
        return try #require(try signFlipTest(values) { _ in patterns[kind] }.value?.test.pValue)
      }
      wrong.corrected += holm(pValues).contains { $0 <= 0.05 } ? 1 : 0
      wrong.uncorrected += pValues.contains { $0 <= 0.05 } ? 1 : 0
    }
    // The standard error of a share of 0.05 is 0.005.
    #expect(Double(wrong.corrected) / Double(studies) <= 0.06)
    #expect(Double(wrong.uncorrected) / Double(studies) > 0.3)
  }
}
