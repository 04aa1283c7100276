import Records
import Statistics

/// What moves rho from one training to the next: the order and the samples of the data, the initial parameters, or the two together. It comes
/// from studies that differ in `initial_seed`, each with the same seeds of the data.
package struct TrainingVariance: Codable, Sendable, Equatable {
  package var task: String
  /// The values of the other keys in which the studies differ; see `AcrossStudies.settings`.
  package var fixed: [String: Setting]
  /// The name of a case of `AcrossRho`.
  package var rho: String
  /// Those that have a rho with every initialisation.
  package var dataSeeds: [Int]
  package var initialSeeds: [Int]
  /// The square root of the sum of the three components.
  package var deviation: Double
  /// The components as shares of the sum.
  package var data: SeedMean
  package var initialisation: SeedMean
  /// Both together, and the noise of the measurement.
  package var rest: SeedMean

  private enum CodingKeys: String, CodingKey {
    case task, fixed, rho
    case dataSeeds = "data_seeds"
    case initialSeeds = "initial_seeds"
    case deviation, data, initialisation, rest
  }

  /// A name such as `sort, layers 2`.
  var name: String { AcrossCurve.name(task, fixed) }

  static let settingKey = "initial_seed"

  /// - Parameters:
  ///   - values: for each row, one rho per seed.
  ///   - keys: the keys in which the studies differ.
  /// - Returns: one for every rho of every group of studies that have at least three initialisations and three seeds of data in common.
  static func all(_ rows: [AcrossStudies.Row], _ values: [[AcrossRho: SeedValues]], _ keys: [String])
    -> [TrainingVariance]
  {
    AcrossCurve.all(rows, along: settingKey, keys).flatMap { curve -> [TrainingVariance] in
      // A budget changes the training, so only studies of one budget are taken together.
      guard curve.budgets.isEmpty else { return [] }
      let columns = curve.points.compactMap { value, row in value.whole.map { (seed: $0, row: row) } }
      return AcrossRho.allCases.compactMap { kind in
        TrainingVariance(curve, kind, columns.map(\.seed), columns.map { values[$0.row][kind]?.values ?? [] })
      }
    }
  }

  /// - Parameter columns: for each initial seed, the rho of each seed of the data.
  private init?(
    _ curve: AcrossCurve, _ kind: AcrossRho, _ initialSeeds: [Int], _ columns: [[(seed: Int, value: Double)]]
  ) {
    let bySeed = columns.map { Dictionary($0.map { ($0.seed, $0.value) }) { first, _ in first } }
    let seeds = (columns.first ?? []).map(\.seed).filter { seed in bySeed.allSatisfy { $0[seed] != nil } }
    let table = seeds.map { seed in bySeed.compactMap { $0[seed] } }
    guard Set(initialSeeds).count == initialSeeds.count, let found = try? CrossedComponents(table),
      let shares = found.shares
    else { return nil }
    let fewest = min(seeds.count, initialSeeds.count)
    (task, fixed, rho) = (curve.task, curve.fixed, kind.rawValue)
    (dataSeeds, self.initialSeeds) = (seeds, initialSeeds)
    deviation = found.total.squareRoot()
    func share(_ place: Int) -> SeedMean {
      SeedMean(
        shares[place], standardError: found.shareErrors?[place], degrees: fewest - 1, bounds: 0...1,
        count: fewest)
    }
    (data, initialisation, rest) = (share(0), share(1), share(2))
  }
}
