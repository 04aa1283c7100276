import Records

/// A row of Tables 4 and 5: one model.
public struct SeedRow: Codable, Sendable, Equatable {
  public var seed: Int
  public var inWindow: Bool
  public var oodLength: Int
  public var oodAccuracy: Double
  @Nullable public var rho: Double?
  @Nullable public var rhoReason: String?
  public var heroes: Int
  public var bloats: Int

  init(_ run: RunRecord) {
    seed = run.seed
    inWindow = run.ood.inWindow
    oodLength = run.ood.length
    oodAccuracy = run.ood.accuracy
    rho = run.rho
    rhoReason = run.rhoReason
    heroes = run.heroes.count
    bloats = run.bloats.count
  }

  private enum CodingKeys: String, CodingKey {
    case seed
    case inWindow = "in_window"
    case oodLength = "ood_length"
    case oodAccuracy = "ood_accuracy"
    case rho
    case rhoReason = "rho_reason"
    case heroes, bloats
  }
}
