import Records
import Statistics

/// Whether heads keep their roles when a model is trained again: how alike two trainings rank the heads of each layer, where they share the initial
/// parameters, the data, or neither. It comes from studies that differ in `initial_seed`, each with the same seeds of the data.
///
/// Heads are ranked within their layers, because a layer's own importance is common to all trainings.
package struct RoleAgreement: Codable, Sendable, Equatable {
  package var task: String
  /// The values of the other keys in which the studies differ; see `AcrossStudies.settings`.
  package var fixed: [String: Setting]
  /// The name of a case of `RoleMeasure`.
  package var measure: String
  /// Those that have a record with every initialisation.
  package var dataSeeds: [Int]
  package var initialSeeds: [Int]
  /// Mean rank correlations within layers.
  package var sameInitialisation: SeedMean
  package var sameData: SeedMean
  package var neither: SeedMean
  /// The test of whether models that share the initial parameters agree more than others. Its `seeds` are those of the factor that has fewer.
  package var initialisationTest: TestSummary
  /// The same of the data.
  package var dataTest: TestSummary

  private enum CodingKeys: String, CodingKey {
    case task, fixed, measure
    case dataSeeds = "data_seeds"
    case initialSeeds = "initial_seeds"
    case sameInitialisation = "same_initialisation"
    case sameData = "same_data"
    case neither
    case initialisationTest = "initialisation_test"
    case dataTest = "data_test"
  }

  /// A name such as `sort, layers 2`.
  var name: String { AcrossCurve.name(task, fixed) }

  /// - Parameter records: for each row, its records.
  /// - Returns: one for every measure of every group of studies that have at least three initialisations and three seeds of data in common. Seeds of
  ///   data with which some model's heads are not measured, or all alike in every layer, are left out.
  static func all(
    _ rows: [AcrossStudies.Row], _ records: [[RunRecord]], _ keys: [String], _ draws: ReportDraws
  ) -> [RoleAgreement] {
    AcrossCurve.all(rows, along: TrainingVariance.settingKey, keys).flatMap { curve in
      RoleMeasure.allCases.compactMap { RoleAgreement(curve, $0, records, draws) }
    }
  }

  private init?(
    _ curve: AcrossCurve, _ measure: RoleMeasure, _ records: [[RunRecord]], _ draws: ReportDraws
  ) {
    let trainings = CrossedTrainings(curve) { row in
      records[row].compactMap { record in measure.ranks(record).map { (record.seed, $0) } }
    }
    guard let trainings else { return nil }
    let models = trainings.values.flatMap(\.self)
    guard Set(models.map(\.count)).count == 1 else { return nil }
    var table = models.map { _ in models.map { _ in 1.0 } }
    for one in models.indices {
      for other in models.indices[(one + 1)...] {
        let agreement = zip(models[one], models[other]).reduce(0) { $0 + $1.0 * $1.1 }
        (table[one][other], table[other][one]) = (agreement, agreement)
      }
    }
    var generator = draws.permutation
    guard
      let found = try? CrossedAgreement(
        table, rows: trainings.dataSeeds.count, columns: trainings.initialSeeds.count,
        draws: draws.permutations,
        using: &generator)
    else { return nil }
    (task, fixed, self.measure) = (curve.task, curve.fixed, measure.rawValue)
    (dataSeeds, initialSeeds) = (trainings.dataSeeds, trainings.initialSeeds)
    let fewest = trainings.fewest
    func mean(_ part: CrossedAgreement.Part) -> SeedMean {
      SeedMean(
        part.mean, standardError: part.standardError, degrees: fewest - 1, bounds: SeedMean.correlation,
        count: fewest)
    }
    (sameInitialisation, sameData, neither) = (
      mean(found.sameColumn), mean(found.sameRow), mean(found.neither)
    )
    initialisationTest = TestSummary(seeds: fewest) { .value(found.columnTest) }
    dataTest = TestSummary(seeds: fewest) { .value(found.rowTest) }
  }
}

/// A number for every head, by which trainings are compared.
package enum RoleMeasure: String, Codable, Sendable, CaseIterable {
  /// The published gradient score.
  case gradient
  /// The effect of mean ablation, before the output projection, on exact match.
  case meanAblation = "mean_ablation"
  /// The same on log-probability.
  case meanLogProbability = "mean_log_probability"
  /// The effect of the published ablation, which overwrites a slice after the output projection, on exact match.
  case publishedAblation = "published_ablation"

  var text: String {
    switch self {
    case .gradient: "published gradient score"
    case .meanAblation: "mean ablation"
    case .meanLogProbability: "mean, log-probability"
    case .publishedAblation: "published ablation"
    }
  }

  /// The ranks of heads within their layers; nil where they were not measured, or where no layer has two different values.
  func ranks(_ record: RunRecord) -> [Double]? {
    let all: [Double?]
    switch self {
    case .gradient: all = record.components.map { $0.gradient[RecordNames.Score.published] }
    case .meanAblation: all = record.components.map { $0.causal[RecordNames.Method.mean] }
    case .publishedAblation: all = record.components.map { $0.causal[RecordNames.Method.published] }
    case .meanLogProbability:
      let table = RigorousRun(record)?.causal(.meanLogProbability)
      guard let values = table?.values, values.count == record.components.count else { return nil }
      all = values
    }
    let heads = record.components.indices.filter { record.components[$0].head != nil }
    let values = heads.compactMap { all[$0] }
    guard values.count == heads.count else { return nil }
    // Values that are no numbers cannot be ranked.
    return (try? normalisedRanks(values, within: heads.map { record.components[$0].layer })) ?? nil
  }
}
