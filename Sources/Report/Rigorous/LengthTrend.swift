import Records

/// Does rho go with the length, out of distribution? Each seed's rank correlation of length and rho, and the sign-flip test
/// of them.
public struct LengthTrend: Codable, Sendable, Equatable {
  public var exactMatch: Trend
  public var logProbability: Trend

  public struct Trend: Codable, Sendable, Equatable {
    public var correlation: SeedMean
    public var test: TestSummary
  }

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    func trend(_ rho: (RunRecord.LengthResult) -> Double?) -> Trend {
      let points = runs.flatMap { run in
        run.rigorous.lengths.filter { !$0.inDistribution }.compactMap { result in
          rho(result).map { (seed: run.seed, place: Double(result.length), rho: $0) }
        }
      }
      let found = WithinSeedTrend(points, draws)
      return Trend(correlation: found.trend, test: found.test)
    }
    exactMatch = trend(\.rho)
    logProbability = trend(\.rhoLogProbability)
  }

  private enum CodingKeys: String, CodingKey {
    case exactMatch = "exact_match"
    case logProbability = "log_probability"
  }
}
