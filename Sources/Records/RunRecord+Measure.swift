extension RunRecord {
  /// How well gradient importance agrees with causal importance under one ablation.
  package struct Measure: Codable, Sendable, Equatable {
    /// Spearman's rank correlation; `nil`, with a reason, if a score is constant.
    @Nullable package var rho: Double?
    @Nullable package var rhoReason: String?
    /// The names of the heroes, in component order.
    package var heroes: [String]
    /// The names of the bloats, in component order.
    package var bloats: [String]

    package init(rho: Double?, rhoReason: String? = nil, heroes: [String], bloats: [String]) {
      self.rho = rho
      self.rhoReason = rhoReason
      self.heroes = heroes
      self.bloats = bloats
    }

    private enum CodingKeys: String, CodingKey {
      case rho
      case rhoReason = "rho_reason"
      case heroes, bloats
    }
  }
}
