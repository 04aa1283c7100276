import Records

/// Whether rho changes with the length, out of distribution: each seed's rank correlation of length and rho,
/// and a sign-flip test of these correlations.
package struct LengthTrend: Codable, Sendable, Equatable {
  package var exactMatch: WithinSeedTrend
  package var logProbability: WithinSeedTrend

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    func trend(_ rho: (RunRecord.LengthResult) -> Double?) -> WithinSeedTrend {
      let points = runs.flatMap { run in
        run.rigorous.lengths.filter { !$0.inDistribution }.compactMap { result in
          rho(result).map { (seed: run.seed, place: Double(result.length), rho: $0) }
        }
      }
      return WithinSeedTrend(points, draws)
    }
    exactMatch = trend(\.rho)
    logProbability = trend(\.rhoLogProbability)
  }

  private enum CodingKeys: String, CodingKey {
    case exactMatch = "exact_match"
    case logProbability = "log_probability"
  }
}
