import Statistics

extension RunRecord {
  /// What the `rigorous` protocol measures besides: many scores and interventions on the same samples, each on two
  /// disjoint halves. Arrays by component are in the order of the record's `components`.
  package struct Rigorous: Codable, Sendable, Equatable {
    /// Samples of every causal evaluation, and batches of the gradient scores that have batches for units.
    package var samples: Int
    package var gradients: [GradientTable]
    package var causal: [CausalTable]
    /// Gradient scores against causal scores.
    package var correlations: [ScoreCorrelation]
    /// By component: how sure its class is.
    package var classConfidence: [ClassConfidence]
    package var faithfulness: [FaithfulnessRecord]
    package var redundancy: Redundancy
    /// By length, in distribution and out of it.
    package var lengths: [LengthResult]
    /// What is known of each component before anything is ablated: by feature, by component.
    package var features: [String: [Double]]
    /// From the published number to the defended one.
    package var decomposition: [DecompositionStep]

    package init(
      samples: Int, gradients: [GradientTable], causal: [CausalTable], correlations: [ScoreCorrelation],
      classConfidence: [ClassConfidence], faithfulness: [FaithfulnessRecord], redundancy: Redundancy,
      lengths: [LengthResult], features: [String: [Double]], decomposition: [DecompositionStep]
    ) {
      self.samples = samples
      self.gradients = gradients
      self.causal = causal
      self.correlations = correlations
      self.classConfidence = classConfidence
      self.faithfulness = faithfulness
      self.redundancy = redundancy
      self.lengths = lengths
      self.features = features
      self.decomposition = decomposition
    }

    private enum CodingKeys: String, CodingKey {
      case samples, gradients, causal, correlations
      case classConfidence = "class_confidence"
      case faithfulness, redundancy, lengths, features, decomposition
    }
  }

  /// A gradient score of every component.
  package struct GradientTable: Codable, Sendable, Equatable {
    /// `frobenius`, `attribution_patching`, …
    package var score: String
    /// The batches it was measured on: `ood` or `training`.
    package var distribution: String
    /// Whether a unit's value may be negative; the score itself never is.
    package var isSigned: Bool
    /// On each half of the units, and on all.
    package var first: [Double]
    package var second: [Double]
    package var values: [Double]
    /// `nil` where a half is constant.
    @Nullable package var reliability: Reliability?

    package init(
      score: String, distribution: String, isSigned: Bool, first: [Double], second: [Double],
      values: [Double], reliability: Reliability?
    ) {
      self.score = score
      self.distribution = distribution
      self.isSigned = isSigned
      self.first = first
      self.second = second
      self.values = values
      self.reliability = reliability
    }

    private enum CodingKeys: String, CodingKey {
      case score, distribution
      case isSigned = "is_signed"
      case first, second, values, reliability
    }
  }

  /// The effect of intervening on each component alone: positive where the component helps.
  package struct CausalTable: Codable, Sendable, Equatable {
    /// `mean`, `zero`, `resample`, `published`, `noising` or `denoising`.
    package var method: String
    /// `exact_match`, `token_accuracy`, `log_probability` or `logit_difference`.
    package var effect: String
    /// The outcome without intervention.
    package var base: Double
    /// On each half of the samples, and on all.
    package var first: [Double]
    package var second: [Double]
    package var values: [Double]
    /// Of `values`: of a paired difference.
    package var standardErrors: [Double]
    @Nullable package var reliability: Reliability?

    package init(
      method: String, effect: String, base: Double, first: [Double], second: [Double], values: [Double],
      standardErrors: [Double], reliability: Reliability?
    ) {
      self.method = method
      self.effect = effect
      self.base = base
      self.first = first
      self.second = second
      self.values = values
      self.standardErrors = standardErrors
      self.reliability = reliability
    }

    private enum CodingKeys: String, CodingKey {
      case method, effect, base, first, second, values
      case standardErrors = "standard_errors"
      case reliability
    }
  }

  /// Spearman's rho of a gradient score and a causal score over components.
  package struct ScoreCorrelation: Codable, Sendable, Equatable {
    package var score: String
    package var distribution: String
    package var method: String
    package var effect: String
    @Nullable package var rho: Double?
    /// Corrected for attenuation: rho / √(reliability · reliability); may exceed 1. `nil` with a reason where a reliability
    /// is low.
    @Nullable package var corrected: Double?
    /// Of `corrected`, over samples and batches; only where it was asked for.
    @Nullable package var interval: Interval?
    @Nullable package var reason: String?

    package init(
      score: String, distribution: String, method: String, effect: String, rho: Double?, corrected: Double?,
      interval: Interval?, reason: String?
    ) {
      self.score = score
      self.distribution = distribution
      self.method = method
      self.effect = effect
      self.rho = rho
      self.corrected = corrected
      self.interval = interval
      self.reason = reason
    }
  }

  /// The share of resamples of samples and batches in which a component falls into each class.
  package struct ClassConfidence: Codable, Sendable, Equatable {
    package var hero: Double
    package var bloat: Double
    package var neutral: Double

    package init(hero: Double, bloat: Double, neutral: Double) {
      self.hero = hero
      self.bloat = bloat
      self.neutral = neutral
    }
  }

  /// How well the first k components of a ranking do without the others, for every k.
  package struct FaithfulnessRecord: Codable, Sendable, Equatable {
    /// How the components left out are replaced, and what is measured.
    package var method: String
    package var effect: String
    /// A gradient score's name, `exact` for the single effects themselves, `random` for the mean of random orders.
    package var ranking: String
    /// For k = 0…K; `nil` with a reason where the model is no better than nothing.
    @Nullable package var values: [Double]?
    /// Areas under the curve, and between it and 1.
    @Nullable package var cpr: Double?
    @Nullable package var cmd: Double?
    @Nullable package var reason: String?

    package init(
      method: String, effect: String, ranking: String, values: [Double]?, cpr: Double?, cmd: Double?,
      reason: String?
    ) {
      self.method = method
      self.effect = effect
      self.ranking = ranking
      self.values = values
      self.cpr = cpr
      self.cmd = cmd
      self.reason = reason
    }
  }

  /// What a measurement at one length gives.
  package struct LengthResult: Codable, Sendable, Equatable {
    /// N of the samples; the longest of the training lengths where `inDistribution`.
    package var length: Int
    package var inDistribution: Bool
    package var accuracy: Double
    /// Of the published gradient score and the mean ablation's exact match, both at this length.
    @Nullable package var rho: Double?
    /// The same with the effect on log-probability.
    @Nullable package var rhoLogProbability: Double?

    package init(
      length: Int, inDistribution: Bool, accuracy: Double, rho: Double?, rhoLogProbability: Double?
    ) {
      self.length = length
      self.inDistribution = inDistribution
      self.accuracy = accuracy
      self.rho = rho
      self.rhoLogProbability = rhoLogProbability
    }

    private enum CodingKeys: String, CodingKey {
      case length
      case inDistribution = "in_distribution"
      case accuracy, rho
      case rhoLogProbability = "rho_log_probability"
    }
  }

  /// One step from the published rho to the defended one; each step keeps those before it.
  package struct DecompositionStep: Codable, Sendable, Equatable {
    /// `published`, `ablate_before_w_o`, `pair_samples`, `more_samples`, `normalise_gradient`, `correct_attenuation`.
    package var step: String
    @Nullable package var rho: Double?
    @Nullable package var reason: String?

    package init(step: String, rho: Double?, reason: String?) {
      self.step = step
      self.rho = rho
      self.reason = reason
    }
  }
}
