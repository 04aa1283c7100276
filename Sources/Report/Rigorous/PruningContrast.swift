import Records
import Statistics

/// Pruning heroes compared with pruning bloats, out of distribution, over the seeds in which both were
/// pruned.
package struct PruningContrast: Codable, Sendable, Equatable {
  package var heroes: SeedMean
  package var bloats: SeedMean
  /// The loss of accuracy with heroes pruned minus the loss with bloats pruned, and its one-sided sign-flip
  /// tests in both directions.
  package var difference: SeedMean
  package var heroesWorse: TestSummary
  package var bloatsWorse: TestSummary
  /// The loss of accuracy in distribution with bloats pruned.
  package var bloatsInDistribution: SeedMean

  init(_ pruned: [RunRecord.Pruning], _ draws: ReportDraws) {
    let both = pruned.compactMap { result -> (heroes: Double, bloats: Double)? in
      guard let heroes = result.pruneHeroes, let bloats = result.pruneBloats else { return nil }
      return (result.baseline - heroes, result.baseline - bloats)
    }
    heroes = SeedMean(both.map(\.heroes), bounds: -1...1, draws)
    bloats = SeedMean(both.map(\.bloats), bounds: -1...1, draws)
    let differences = both.map { $0.heroes - $0.bloats }
    difference = SeedMean(differences, bounds: -2...2, draws)
    heroesWorse = TestSummary(signFlip: differences, alternative: .greater, draws)
    bloatsWorse = TestSummary(signFlip: differences, alternative: .less, draws)
    bloatsInDistribution = SeedMean(Self.inDistributionLosses(pruned), bounds: -1...1, draws)
  }

  /// The loss of accuracy in distribution with bloats pruned, of each run that has it.
  static func inDistributionLosses(_ pruned: [RunRecord.Pruning]) -> [Double] {
    pruned.compactMap { result in
      guard let base = result.inDistributionBaseline, let bloats = result.inDistributionPruneBloats else {
        return nil
      }
      return base - bloats
    }
  }

  private enum CodingKeys: String, CodingKey {
    case heroes, bloats, difference
    case heroesWorse = "heroes_worse"
    case bloatsWorse = "bloats_worse"
    case bloatsInDistribution = "bloats_in_distribution"
  }
}
