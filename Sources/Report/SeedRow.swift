import Records

/// One row of Tables 4 and 5: one model.
package struct SeedRow: Codable, Sendable, Equatable {
  package var seed: Int
  package var inWindow: Bool
  package var oodLength: Int
  package var oodAccuracy: Double
  @Nullable package var rho: Double?
  @Nullable package var rhoReason: String?
  package var heroes: Int
  package var bloats: Int

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

  /// The paper's row; all of its seeds are in the window.
  init(_ row: PaperTables.SeedRow) {
    seed = row.seed
    inWindow = true
    oodLength = row.oodLength
    oodAccuracy = row.oodAccuracy
    rho = row.rho
    rhoReason = nil
    heroes = row.heroes
    bloats = row.bloats
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
