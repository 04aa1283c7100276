import Concurrency
import Records
import Statistics

/// Gradient scores compared with causal scores over the seeds of one task.
package struct ScoreTable: Codable, Sendable, Equatable {
  package var rows: [Row]
  /// The Spearman–Brown reliabilities of whole scores, over the seeds in which they are defined.
  package var gradientReliability: [GradientReliability]
  package var causalReliability: [CausalReliability]
  /// How the rho of other gradient scores differs from that of the published one.
  package var contrasts: [ScoreContrast]
  /// Which score to use, under each causal score.
  package var choices: [ScoreChoice]
  /// Conclusions that depend on the causal score.
  package var flips: [Flip]

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    let pairs = firstSeen(runs.flatMap { $0.rigorous.correlations.map(ScorePair.init) })
    draws.work.expect(pairs.count, in: .estimating)
    let found = concurrentMap(pairs) { pair in
      let rhos = SeedValues(rhosOf: runs, pair.gradient, pair.causal)
      let corrected = SeedValues(runs) { run in
        let found = run.correlation(pair.gradient, pair.causal)
        return (found?.corrected, found?.reason)
      }
      defer { draws.work.finish() }
      return (
        row: Row(
          gradient: pair.gradient, causal: pair.causal, rho: rhos.mean(bounds: SeedMean.correlation, draws),
          corrected: corrected.mean(draws), notEstimable: corrected.missing), rhos: rhos
      )
    }
    rows = found.map(\.row)
    let values = found.map(\.rhos)
    gradientReliability = concurrentMap(firstSeen(pairs.map(\.gradient))) { key in
      let found = SeedValues(runs) { ($0.gradient(key)?.reliability?.whole, nil) }
      return GradientReliability(gradient: key, reliability: found.mean(bounds: SeedMean.correlation, draws))
    }
    causalReliability = concurrentMap(firstSeen(pairs.map(\.causal))) { key in
      let found = SeedValues(runs) { ($0.causal(key)?.reliability?.whole, nil) }
      return CausalReliability(causal: key, reliability: found.mean(bounds: SeedMean.correlation, draws))
    }
    contrasts = ScoreContrast.all(rows, values, draws)
    choices = ScoreChoice.all(
      rows, values, layers: runs.first?.record.configuration.layers ?? 1, draws)
    flips = Flip.find(rows, values, draws)
  }

  func row(_ gradient: GradientKey, _ causal: CausalKey) -> Row? {
    rows.first { $0.gradient == gradient && $0.causal == causal }
  }

  private enum CodingKeys: String, CodingKey {
    case rows
    case gradientReliability = "gradient_reliability"
    case causalReliability = "causal_reliability"
    case contrasts, choices, flips
  }

  /// One gradient score compared with one causal score.
  package struct Row: Codable, Sendable, Equatable {
    package var gradient: GradientKey
    package var causal: CausalKey
    /// Spearman's rho over components, averaged over seeds.
    package var rho: SeedMean
    /// The mean of the seeds' rhos after correction for attenuation; it may exceed 1.
    package var corrected: SeedMean
    /// The seeds without a corrected rho, with their reasons.
    package var notEstimable: [MissingSeed]

    private enum CodingKeys: String, CodingKey {
      case gradient, causal, rho, corrected
      case notEstimable = "not_estimable"
    }
  }

  /// The reliability of one gradient score, averaged over seeds.
  package struct GradientReliability: Codable, Sendable, Equatable {
    package var gradient: GradientKey
    package var reliability: SeedMean
  }

  /// The reliability of one causal score, averaged over seeds.
  package struct CausalReliability: Codable, Sendable, Equatable {
    package var causal: CausalKey
    package var reliability: SeedMean
  }
}
