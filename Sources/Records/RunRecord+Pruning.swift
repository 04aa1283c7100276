extension RunRecord {
  /// Accuracies with two heroes, then two bloats, ablated together.
  public struct Pruning: Codable, Sendable, Equatable {
    /// Out-of-distribution accuracies; `nil` where there was nothing of that class to prune.
    public var baseline: Double
    @Nullable public var pruneHeroes: Double?
    @Nullable public var pruneBloats: Double?
    /// The same on the training lengths; `nil` where not measured.
    @Nullable public var inDistributionBaseline: Double?
    @Nullable public var inDistributionPruneHeroes: Double?
    @Nullable public var inDistributionPruneBloats: Double?
    /// What was pruned.
    public var heroes: [String]
    public var bloats: [String]

    public init(
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
