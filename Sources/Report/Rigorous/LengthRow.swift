import Records

/// Accuracy and rho at one length, over the seeds of a task.
package struct LengthRow: Codable, Sendable, Equatable {
  package var length: Int
  package var inDistribution: Bool
  package var accuracy: SeedMean
  /// The rho of the published gradient score and the mean ablation, on exact match and on log-probability.
  package var rho: SeedMean
  package var rhoLogProbability: SeedMean

  /// In distribution first, then by length.
  static func all(_ runs: [RigorousRun], _ draws: ReportDraws) -> [LengthRow] {
    let keys = Set(
      runs.flatMap(\.rigorous.lengths).map { Key(length: $0.length, inDistribution: $0.inDistribution) })
    return keys.sorted { ($0.inDistribution ? 0 : 1, $0.length) < ($1.inDistribution ? 0 : 1, $1.length) }
      .map { key in
        let found = runs.compactMap { run in
          run.rigorous.lengths.first {
            $0.length == key.length && $0.inDistribution == key.inDistribution
          }
        }
        return LengthRow(
          length: key.length, inDistribution: key.inDistribution,
          accuracy: SeedMean(found.map(\.accuracy), bounds: 0...1, draws),
          rho: SeedMean(found.compactMap(\.rho), bounds: SeedMean.correlation, draws),
          rhoLogProbability: SeedMean(
            found.compactMap(\.rhoLogProbability), bounds: SeedMean.correlation, draws))
      }
  }

  private struct Key: Hashable {
    var length: Int
    var inDistribution: Bool
  }

  private enum CodingKeys: String, CodingKey {
    case length
    case inDistribution = "in_distribution"
    case accuracy, rho
    case rhoLogProbability = "rho_log_probability"
  }
}
