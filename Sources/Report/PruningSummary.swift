import Records
import Statistics

/// Table 2: the pruning of one seed, chosen as the published program chooses it, and the mean over all seeds.
package struct PruningSummary: Codable, Sendable, Equatable {
  package var seed: Int
  package var result: RunRecord.Pruning
  /// The mean loss of out-of-distribution accuracy over the pruned seeds, with its standard deviation (n − 1).
  package var heroes: Drop
  package var bloats: Drop

  /// `nil` if no run was pruned.
  init?(_ runs: [RunRecord]) {
    let pruned = runs.filter { $0.pruning != nil }
    guard let chosen = Self.choose(pruned), let result = chosen.pruning else { return nil }
    seed = chosen.seed
    self.result = result
    let results = pruned.compactMap(\.pruning)
    heroes = Drop(results.compactMap { result in result.pruneHeroes.map { result.baseline - $0 } })
    bloats = Drop(results.compactMap { result in result.pruneBloats.map { result.baseline - $0 } })
  }

  /// The seed with the most misaligned components (ties: the earlier seed). Seeds with two heroes and two bloats are
  /// preferred, if there are any. `runs` ascend by seed.
  static func choose(_ runs: [RunRecord]) -> RunRecord? {
    let complete = runs.filter { $0.heroes.count >= 2 && $0.bloats.count >= 2 }
    func misaligned(_ run: RunRecord) -> Int { run.heroes.count + run.bloats.count }
    return (complete.isEmpty ? runs : complete)
      .reduce(nil) { best, run in
        guard let best else { return run }
        return misaligned(run) > misaligned(best) ? run : best
      }
  }

  /// A mean loss of accuracy over seeds.
  package struct Drop: Codable, Sendable, Equatable {
    package var count: Int
    @Nullable package var mean: Double?
    @Nullable package var std: Double?

    init(_ drops: [Double]) {
      count = drops.count
      mean = Statistics.mean(drops)
      std = standardDeviation(drops, ddof: 1)
    }
  }
}
