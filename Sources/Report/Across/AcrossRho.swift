import Records

/// The rhos by which studies are compared; each is of one gradient score and one causal score.
package enum AcrossRho: String, Codable, Sendable, CaseIterable {
  /// The published gradient score against the published ablation, which overwrites a slice after the output projection.
  case publishedAblation = "published_ablation"
  /// The published gradient score against mean ablation, before the output projection, on exact match.
  case meanAblation = "mean_ablation"
  /// The same on log-probability, which is less noisy.
  case meanLogProbability = "mean_log_probability"
  /// `meanAblation` corrected for attenuation; it may exceed 1.
  case corrected
  /// Integrated gradients against the mean ablation on exact match.
  case integratedGradients = "integrated_gradients"

  var text: String {
    switch self {
    case .publishedAblation: "published ablation"
    case .meanAblation: "mean ablation"
    case .meanLogProbability: "mean, log-probability"
    case .corrected: "mean, corrected"
    case .integratedGradients: "integrated gradients, mean"
    }
  }

  var bounds: ClosedRange<Double> { self == .corrected ? SeedMean.unbounded : SeedMean.correlation }

  /// One value per seed. Records of protocols other than the rigorous one have only the first two.
  func values(_ records: [RunRecord]) -> SeedValues {
    SeedValues(records) { record in
      guard let run = RigorousRun(record) else {
        let found = measure.flatMap { record.measures[$0] }
        return (found?.rho, found?.rhoReason)
      }
      let found = run.correlation(gradient, causal)
      return (self == .corrected ? found?.corrected : found?.rho, found?.reason)
    }
  }

  private var gradient: GradientKey {
    self == .integratedGradients
      ? GradientKey(
        score: RecordNames.Score.integratedGradients, distribution: GradientKey.published.distribution)
      : .published
  }

  private var causal: CausalKey {
    switch self {
    case .publishedAblation: CausalKey(method: RecordNames.Method.published, effect: CausalKey.mean.effect)
    case .meanLogProbability: .meanLogProbability
    case .meanAblation, .corrected, .integratedGradients: .mean
    }
  }

  /// The name of this rho among the `measures` of a record.
  private var measure: String? {
    switch self {
    case .publishedAblation, .meanAblation: causal.method
    case .meanLogProbability, .corrected, .integratedGradients: nil
    }
  }
}
