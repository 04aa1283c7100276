/// The names in records that several modules must know: `Study` writes them and `Report` looks for them. All
/// other names of scores, methods and effects are raw values of types in `Importance`.
package enum RecordNames {
  /// Gradient scores.
  package enum Score {
    /// The paper's own score.
    package static let published = "frobenius"
    package static let attributionPatching = "attribution_patching"
    package static let attentionFix = "atp_qk_fix"
    package static let gradDrop = "grad_drop"
    package static let integratedGradients = "integrated_gradients"
    package static let rootMeanSquare = "rms"
    package static let relevancePatching = "relp"
    /// The scores that read weights and their gradients.
    package static let ofWeights = [published, rootMeanSquare, "taylor", "taylor_absolute", "fisher"]
  }

  /// The batches on which a gradient score is measured.
  package enum Distribution {
    package static let ood = "ood"
    package static let training = "training"
  }

  /// Kinds of ablation.
  package enum Method {
    /// Replacement by the mean, before the output projection.
    package static let mean = "mean"
    /// The ablation of the published program, after the output projection.
    package static let published = "published"
  }

  /// What the effect of an ablation is measured on.
  package enum Effect {
    package static let exactMatch = "exact_match"
    package static let tokenAccuracy = "token_accuracy"
    package static let logProbability = "log_probability"

    /// The effects that are differences of shares of samples or tokens.
    package static let shares = [exactMatch, tokenAccuracy]
  }

  /// Sets of components ablated together.
  package enum ComponentSet {
    package static let allHeroes = "all_heroes"
    package static let allBloats = "all_bloats"
  }

  /// Rankings of components that do not come from a gradient score.
  package enum Ranking {
    /// The ranking by the measured effects.
    package static let exact = "exact"
    /// The mean of random rankings.
    package static let random = "random"
  }

  /// The steps from the published rho to the rigorous one, in order.
  package enum Step: String, CaseIterable, Sendable {
    case published
    case ablateBeforeProjection = "ablate_before_w_o"
    case pairSamples = "pair_samples"
    case moreSamples = "more_samples"
    case normaliseGradient = "normalise_gradient"
    /// The step after which a rho may exceed 1.
    case correctAttenuation = "correct_attenuation"
  }
}
