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
    AcrossCurve.all(rows, along: settingKey, keys).flatMap { curve in
      AcrossRho.allCases.compactMap { TrainingVariance(curve, $0, values) }
    }
  }

  private init?(_ curve: AcrossCurve, _ kind: AcrossRho, _ values: [[AcrossRho: SeedValues]]) {
    guard let trainings = CrossedTrainings(curve, { values[$0][kind]?.values ?? [] }),
      let found = try? CrossedComponents(trainings.values), let shares = found.shares
    else { return nil }
    let fewest = trainings.fewest
    (task, fixed, rho) = (curve.task, curve.fixed, kind.rawValue)
    (dataSeeds, initialSeeds) = (trainings.dataSeeds, trainings.initialSeeds)
    deviation = found.total.squareRoot()
    func share(_ place: Int) -> SeedMean {
      SeedMean(
        shares[place], standardError: found.shareErrors?[place], degrees: fewest - 1, bounds: 0...1,
        count: fewest)
    }
    (data, initialisation, rest) = (share(0), share(1), share(2))
  }
}
