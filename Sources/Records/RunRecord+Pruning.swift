extension RunRecord {
  /// Accuracies with two heroes, and with two bloats, ablated together.
  package struct Pruning: Codable, Sendable, Equatable {
    /// Out-of-distribution accuracies; `nil` if there was no component of that class to prune.
    package var baseline: Double
    @Nullable package var pruneHeroes: Double?
    @Nullable package var pruneBloats: Double?
    /// The same on the training lengths; `nil` if not measured.
    @Nullable package var inDistributionBaseline: Double?
    @Nullable package var inDistributionPruneHeroes: Double?
    @Nullable package var inDistributionPruneBloats: Double?
    /// The names of the pruned components.
    package var heroes: [String]
    package var bloats: [String]

    package init(
      baseline: Double, pruneHeroes: Double?, pruneBloats: Double?, inDistributionBaseline: Double? = nil,
      inDistributionPruneHeroes: Double? = nil, inDistributionPruneBloats: Double? = nil, heroes: [String],
      bloats: [String]
    ) {
      self.baseline = baseline
      self.pruneHeroes = pruneHeroes
      self.pruneBloats = pruneBloats
      self.inDistributionBaseline = inDistributionBaseline
      self.inDistributionPruneHeroes = inDistributionPruneHeroes
      self.inDistributionPruneBloats = inDistributionPruneBloats
      self.heroes = heroes
      self.bloats = bloats
    }

    private enum CodingKeys: String, CodingKey {
      case baseline
      case pruneHeroes = "prune_heroes"
      case pruneBloats = "prune_bloats"
      case inDistributionBaseline = "in_distribution_baseline"
      case inDistributionPruneHeroes = "in_distribution_prune_heroes"
      case inDistributionPruneBloats = "in_distribution_prune_bloats"
      case heroes, bloats
    }
  }
}
