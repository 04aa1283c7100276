import Records
import Statistics

/// A row of Table 1: rho over the seeds inside the window, and how many heroes and bloats they have in all.
package struct RhoSummary: Codable, Sendable, Equatable {
  /// Seeds with a rho; the statistics are over these and `nil` where there is none.
  package var count: Int
  /// Seeds whose rho is not defined because a score is constant.
  package var undefined: Int
  @Nullable package var rhoMean: Double?
  /// Divides by n, as the paper does.
  @Nullable package var rhoStd: Double?
  @Nullable package var rhoMin: Double?
  @Nullable package var rhoMax: Double?
  package var heroes: Int
  package var bloats: Int

  init(_ runs: [RunRecord.Measure]) {
    let rhos = runs.compactMap(\.rho)
    count = rhos.count
    undefined = runs.count - rhos.count
    rhoMean = mean(rhos)
    rhoStd = standardDeviation(rhos, ddof: 0)
    rhoMin = rhos.min()
    rhoMax = rhos.max()
    heroes = runs.reduce(0) { $0 + $1.heroes.count }
    bloats = runs.reduce(0) { $0 + $1.bloats.count }
  }

  private enum CodingKeys: String, CodingKey {
    case count, undefined
    case rhoMean = "rho_mean"
    case rhoStd = "rho_std"
    case rhoMin = "rho_min"
    case rhoMax = "rho_max"
    case heroes, bloats
  }
}
