import Statistics

/// Does rho go with something that every seed was run at several places of: rungs of the ladder of tasks, or depths? Seeds are
/// shared between the places, so each seed's own rank correlation is one value of the mean and of the test.
package struct WithinSeedTrend: Codable, Sendable, Equatable {
  /// Of two places a rank correlation is 1 or −1 whatever the rhos.
  static let fewestPlaces = 3

  /// Spearman's correlations of place and rho, over the seeds that have one.
  package var trend: SeedMean
  /// The two-sided sign-flip test of them.
  package var test: TestSummary

  init(_ points: [(seed: Int, place: Double, rho: Double)], _ draws: ReportDraws) {
    let correlations = Dictionary(grouping: points, by: \.seed).sorted { $0.key < $1.key }.map(\.value)
      .filter { Set($0.map(\.place)).count >= Self.fewestPlaces }
      // No value where a seed's rhos are all the same.
      .compactMap { try? spearman($0.map(\.place), $0.map(\.rho)) }
    trend = SeedMean(correlations, bounds: SeedMean.correlation, draws)
    test = TestSummary(signFlip: correlations, draws)
  }

  private enum CodingKeys: String, CodingKey {
    case trend = "correlation"
    case test
  }
}
