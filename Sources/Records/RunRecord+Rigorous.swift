import Statistics

extension RunRecord {
  /// The further measurements of the `rigorous` protocol: many scores and interventions on the same samples,
  /// each also on two disjoint halves. Arrays by component have the order of the record's `components`.
  package struct Rigorous: Codable, Sendable, Equatable {
    /// The number of samples in every causal evaluation.
    package var samples: Int
    /// Every gradient score, on each distribution.
    package var gradients: [GradientTable]
    /// The published score of heads of keys that several heads share; absent where every head has its own.
    package var keyGroups: [KeyGroup]?
    /// Every causal score.
    package var causal: [CausalTable]
    /// The correlation of every gradient score with every causal score.
    package var correlations: [ScoreCorrelation]
    /// For each component, how certain its class is.
    package var classConfidence: [ClassConfidence]
    package var faithfulness: [FaithfulnessRecord]
    package var redundancy: Redundancy
    /// Accuracy and rho for each length, in distribution and out of it.
    package var lengths: [LengthResult]
    /// What is known of each component before any ablation: for each feature, one value per component.
    package var features: [String: [Double]]
    /// The steps from the published rho to the rigorous one.
    package var decomposition: [DecompositionStep]

    package init(
      samples: Int, gradients: [GradientTable], keyGroups: [KeyGroup]? = nil, causal: [CausalTable],
      correlations: [ScoreCorrelation],
      classConfidence: [ClassConfidence], faithfulness: [FaithfulnessRecord], redundancy: Redundancy,
      lengths: [LengthResult], features: [String: [Double]], decomposition: [DecompositionStep]
    ) {
      self.samples = samples
      self.gradients = gradients
      self.keyGroups = keyGroups
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
      case samples, gradients
      case keyGroups = "key_groups"
      case causal, correlations
      case classConfidence = "class_confidence"
      case faithfulness, redundancy, lengths, features, decomposition
    }
  }

  /// A head of keys and values that several heads share.
  package struct KeyGroup: Codable, Sendable, Equatable {
    package var layer: Int
    package var keyHead: Int
    /// The norm of the loss gradient of its value weights. Its heads are scored by the gradients of their own copies.
    package var frobenius: Double

    package init(layer: Int, keyHead: Int, frobenius: Double) {
      (self.layer, self.keyHead, self.frobenius) = (layer, keyHead, frobenius)
    }

    private enum CodingKeys: String, CodingKey {
      case layer
      case keyHead = "key_head"
      case frobenius
    }
  }

  /// One gradient score of every component.
  package struct GradientTable: Codable, Sendable, Equatable {
    /// `frobenius`, `attribution_patching`, …
    package var score: String
    /// The batches on which it was measured: `ood` or `training`.
    package var distribution: String
    /// Whether the value of a unit may be negative. The score itself never is.
    package var isSigned: Bool
    /// The scores on each half of the units, and on all units.
    package var first: [Double]
    package var second: [Double]
    package var values: [Double]
    /// `nil` if a half is constant.
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

  /// The effect of intervening on each component alone; it is positive if the component helps.
  package struct CausalTable: Codable, Sendable, Equatable {
    /// `mean`, `zero`, `resample`, `published`, `noising` or `denoising`.
    package var method: String
    /// `exact_match`, `token_accuracy`, `log_probability` or `logit_difference`.
    package var effect: String
    /// The outcome without intervention.
    package var base: Double
    /// The effects on each half of the samples, and on all samples.
    package var first: [Double]
    package var second: [Double]
    package var values: [Double]
    /// The standard errors of `values`, each of a paired difference.
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
    /// The correlation corrected for attenuation: rho / √(reliability · reliability). It may exceed 1. It is
    /// `nil`, with a reason, if a reliability is low.
    @Nullable package var corrected: Double?
    /// The interval of `corrected` over samples and batches, if it was computed.
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

  /// The shares of resamples (of samples and batches) in which a component falls into each class.
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
    /// How the other components are replaced, and what is measured.
    package var method: String
    package var effect: String
    /// The name of a gradient score; `exact` for the single effects themselves; `random` for the mean of
    /// random orders.
    package var ranking: String
    /// The faithfulness for k = 0…K; `nil`, with a reason, if the whole model is no better than one with all
    /// components replaced.
    @Nullable package var values: [Double]?
    /// The areas under the curve (CPR), and between the curve and 1 (CMD).
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

  /// The measurements at one length.
  package struct LengthResult: Codable, Sendable, Equatable {
    /// The number of integers, N, in the samples. If `inDistribution`, the longest of the training lengths.
    package var length: Int
    package var inDistribution: Bool
    package var accuracy: Double
    /// The rho of the published gradient score and the mean ablation on exact match, both at this length.
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

  /// One step from the published rho to the rigorous one. Each step keeps the changes of earlier steps.
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
