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

  /// Twenty-one sign-flip tests of values without any effect, which share a part, as claims about one set of models do.
  @Test("keeps the probability of even one false decision at the level")
  func familyError() throws {
    var (simulation, generator) = (Simulation(5), CounterStream(seed: 5, purpose: .permutation))
    let (studies, claims, seeds) = (2_000, 21, 30)
    let patterns = SignPatterns(count: seeds, draws: 1_999, using: &generator)
    var wrong = (corrected: 0, uncorrected: 0)
    for _ in 0..<studies {
      let shared = simulation.normals(seeds)
      let pValues = try (0..<claims).map { _ in
        let values = shared.map { 0.5 * $0 + simulation.normal() }
        return try #require(try signFlipTest(values) { _ in patterns }.value?.test.pValue)
      }
      wrong.corrected += holm(pValues).contains { $0 <= 0.05 } ? 1 : 0
      wrong.uncorrected += pValues.contains { $0 <= 0.05 } ? 1 : 0
    }
    // The standard error of a share of 0.05 is 0.005.
    #expect(Double(wrong.corrected) / Double(studies) <= 0.06)
    #expect(Double(wrong.uncorrected) / Double(studies) > 0.3)
  }
}
