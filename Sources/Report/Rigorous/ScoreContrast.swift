import Records

/// A gradient score's rho less the published score's with the same effect: mean ablation on exact match.
public struct ScoreContrast: Codable, Sendable, Equatable {
  public var gradient: GradientKey
  /// Paired over the seeds that have both.
  public var difference: SeedMean
  /// The two-sided sign-flip test.
  public var test: TestSummary

  /// Every OOD score but the published one.
  static func all(_ runs: [RigorousRun], _ draws: ReportDraws) -> [ScoreContrast] {
    func rhos(_ key: GradientKey) -> SeedValues {
      SeedValues(runs) { run in
        let found = run.correlation(key, .mean)
        return (found?.rho, found?.reason)
      }
    }
    let keys = firstSeen(
      runs.flatMap(\.rigorous.correlations).map {
        GradientKey(score: $0.score, distribution: $0.distribution)
      })
    let published = rhos(.published)
    return keys.filter { $0.distribution == GradientKey.published.distribution && $0 != .published }
      .map { key in
        let differences = rhos(key).differences(published)
        return ScoreContrast(
          gradient: key, difference: SeedMean(differences, draws),
          test: TestSummary(signFlip: differences, draws))
      }
  }
}
