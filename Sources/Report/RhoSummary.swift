import Records
import Statistics

/// One row of Table 1: rho over the seeds inside the window, and the total numbers of their heroes and bloats.
package struct RhoSummary: Codable, Sendable, Equatable {
  /// The number of seeds with a rho. The statistics are over these seeds, and `nil` if there are none.
  package var count: Int
  /// The number of seeds whose rho is undefined because a score is constant.
  package var undefined: Int
  @Nullable package var rhoMean: Double?
  /// The standard deviation; it divides by n, like the paper's.
  @Nullable package var rhoStd: Double?
  @Nullable package var rhoMin: Double?
  @Nullable package var rhoMax: Double?
  package var heroes: Int
  package var bloats: Int

  /// The standard deviation as readers see it: that of one seed would be 0, and say nothing.
  var shownStd: Double? { count > 1 ? rhoStd : nil }

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
