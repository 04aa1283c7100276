/// Names that a record holds as text, where more than one room must know them: `Study` writes them, `Report` looks for
/// them. All other names of scores, methods and effects are those of Importance's own cases, and pass through.
package enum RecordNames {
  /// Gradient scores.
  package enum Score {
    /// The paper's own.
    package static let published = "frobenius"
    package static let integratedGradients = "integrated_gradients"
  }

  /// What batches a gradient score is measured on.
  package enum Distribution {
    package static let ood = "ood"
    package static let training = "training"
  }

  /// Ablations.
  package enum Method {
    /// Before the output projection, by the mean.
    package static let mean = "mean"
    /// As the published program, after it.
    package static let published = "published"
  }

  /// What an ablation's effect is measured on.
  package enum Effect {
    package static let exactMatch = "exact_match"
    package static let tokenAccuracy = "token_accuracy"
    package static let logProbability = "log_probability"

    /// Effects that are differences of shares of samples or tokens.
    package static let shares = [exactMatch, tokenAccuracy]
  }

  /// Sets of components ablated together.
  package enum ComponentSet {
    package static let allHeroes = "all_heroes"
    package static let allBloats = "all_bloats"
  }

  /// Rankings of components that are no gradient score's.
  package enum Ranking {
    /// By the effects themselves.
    package static let exact = "exact"
    /// The mean of random orders.
    package static let random = "random"
  }

  /// Steps from the published rho to the defended one, in order.
  package enum Step: String, CaseIterable, Sendable {
    case published
    case ablateBeforeProjection = "ablate_before_w_o"
    case pairSamples = "pair_samples"
    case moreSamples = "more_samples"
    case normaliseGradient = "normalise_gradient"
    /// The step whose rhos may exceed 1.
    case correctAttenuation = "correct_attenuation"
  }
}
