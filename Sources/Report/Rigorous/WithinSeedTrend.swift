import Statistics

/// Whether rho changes with something at which every seed was run at several places, such as the rungs of the
/// ladder of tasks, or depths. The places share their seeds, so the mean and the test use one value per seed:
/// its rank correlation of place and rho.
package struct WithinSeedTrend: Codable, Sendable, Equatable {
  /// With two places a rank correlation is always 1 or −1.
  static let fewestPlaces = 3

  /// Spearman's correlations of place and rho, over the seeds that have one.
  package var trend: SeedMean
  /// The two-sided sign-flip test of these correlations.
  package var test: TestSummary

  init(_ points: [(seed: Int, place: Double, rho: Double)], _ draws: ReportDraws) {
    let correlations = Dictionary(grouping: points, by: \.seed).sorted { $0.key < $1.key }.map(\.value)
      .filter { Set($0.map(\.place)).count >= Self.fewestPlaces }
      // A seed whose rhos are all equal has no correlation.
      .compactMap { try? spearman($0.map(\.place), $0.map(\.rho)) }
    trend = SeedMean(correlations, bounds: SeedMean.correlation, draws)
    test = TestSummary(signFlip: correlations, draws)
  }

  private enum CodingKeys: String, CodingKey {
    case trend = "correlation"
    case test
  }
}
