import Records
import Statistics

/// Pruning heroes against pruning bloats, out of distribution, over the seeds in which both were pruned.
package struct PruningContrast: Codable, Sendable, Equatable {
  package var heroes: SeedMean
  package var bloats: SeedMean
  /// The fall with heroes pruned less the fall with bloats pruned, and its sign-flip test, one-sided each way.
  package var difference: SeedMean
  package var heroesWorse: TestSummary
  package var bloatsWorse: TestSummary
  /// The fall in distribution with bloats pruned.
  package var bloatsInDistribution: SeedMean

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    let pruned = runs.compactMap(\.record.pruning)
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
    bloatsInDistribution = SeedMean(
      pruned.compactMap { result in
        guard let base = result.inDistributionBaseline, let bloats = result.inDistributionPruneBloats else {
          return nil
        }
        return base - bloats
      }, bounds: -1...1, draws)
  }

  private enum CodingKeys: String, CodingKey {
    case heroes, bloats, difference
    case heroesWorse = "heroes_worse"
    case bloatsWorse = "bloats_worse"
    case bloatsInDistribution = "bloats_in_distribution"
  }
}
