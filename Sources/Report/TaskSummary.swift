import Records

/// What the runs of one task say together.
package struct TaskSummary: Codable, Sendable, Equatable {
  package var task: String
  /// All seeds that were run, ascending.
  package var seeds: [Int]
  /// The seeds whose accuracy lies outside the window. They are in no mean and no total below.
  package var outsideWindow: [Int]
  /// The seeds whose training ended before it converged.
  package var unconverged: [Int]
  /// Table 1 under the protocol's own ablation, whose name is `causalMeasure`.
  package var causalMeasure: String
  package var alignment: RhoSummary
  /// Table 1 under each recorded ablation.
  package var measures: [String: RhoSummary]
  /// How the causal rankings of two ablations agree on the same models.
  package var agreements: [Agreement]
  /// Table 2; `nil` if no run was pruned.
  @Nullable package var pruning: PruningSummary?
  /// Table 3: every component that was a hero (or a bloat) at least once. The most frequent come first, ties by name.
  package var heroFrequency: [Frequency]
  package var bloatFrequency: [Frequency]
  /// Tables 4 and 5: every run, also those outside the window.
  package var bySeed: [SeedRow]
  /// Table 6; `nil` if that experiment was not run.
  @Nullable package var bloatPruning: BloatPruningSummary?
  /// Figure 2: the mean delta of each component, ascending: the one most undervalued by its gradient comes first.
  package var order: [MeanDelta]
  /// What `v3` tells in addition; absent for other protocols.
  package var version3: Version3Summary?

  init(task: String, runs unordered: [RunRecord]) {
    let runs = unordered.sorted { $0.seed < $1.seed }
    let kept = runs.filter(\.ood.inWindow)
    self.task = task
    seeds = runs.map(\.seed)
    outsideWindow = runs.filter { !$0.ood.inWindow }.map(\.seed)
    unconverged = runs.filter { $0.training?.converged == false }.map(\.seed)
    causalMeasure = runs.first?.causalMeasure ?? ""
    alignment = RhoSummary(kept.map(\.ownMeasure))
    measures = Dictionary(
      uniqueKeysWithValues: Set(kept.flatMap(\.measures.keys))
        .map { name in (name, RhoSummary(kept.compactMap { $0.measures[name] })) })
    agreements = Agreement.all(kept)
    pruning = PruningSummary(kept)
    heroFrequency = Frequency.count(kept.map(\.heroes))
    bloatFrequency = Frequency.count(kept.map(\.bloats))
    bySeed = runs.map(SeedRow.init)
    bloatPruning = BloatPruningSummary(runs)
    order = MeanDelta.order(kept)
    version3 = Version3Summary(kept)
  }

  private enum CodingKeys: String, CodingKey {
    case task, seeds
    case outsideWindow = "outside_window"
    case unconverged
    case causalMeasure = "causal_measure"
    case alignment, measures, agreements, pruning
    case heroFrequency = "hero_frequency"
    case bloatFrequency = "bloat_frequency"
    case bySeed = "by_seed"
    case bloatPruning = "bloat_pruning"
    case order, version3
  }
}

extension RunRecord {
  /// The top-level result of the record, in the same form as the result of each ablation.
  var ownMeasure: Measure { Measure(rho: rho, rhoReason: rhoReason, heroes: heroes, bloats: bloats) }
}
