extension RunRecord {
  /// How far gradient importance agrees with causal importance under one ablation.
  public struct Measure: Codable, Sendable, Equatable {
    /// Spearman's rank correlation; `nil` with a reason where a score is constant.
    @Nullable public var rho: Double?
    @Nullable public var rhoReason: String?
    /// Names in component order.
    public var heroes: [String]
    public var bloats: [String]

    public init(rho: Double?, rhoReason: String? = nil, heroes: [String], bloats: [String]) {
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
