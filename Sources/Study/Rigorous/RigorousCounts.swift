import Importance

/// How much the `rigorous` protocol measures. The numbers are chosen so that a model of the study's size
/// takes a few minutes on two cores.
struct RigorousCounts: Sendable {
  /// The number of samples in every causal evaluation.
  var samples = 2000
  /// The interventions: at least `mean` and `published`, the protocol's own ablation and the one it is
  /// compared with.
  var methods = InterventionMethod.allCases
  /// The gradient scores: at least `frobenius` and `rms`.
  var scores = Set(GradientScore.allCases)
  /// The number of batches for integrated gradients.
  var integrationBatches = 4
  var measuresPairs = true
  /// The number of samples for Shapley values; 0 skips them.
  var shapleySamples = 1024
  var faithfulnessSamples = 1000
  var randomRankings = 5
  var measuresLengths = true
  /// The number of batches at each length.
  var lengthBatches = 20
  var lengthMeanBatches = 10
  var lengthSamples = 500
  var inDistributionSamples = 1000
  var resamples = 300
  /// The number of samples that are evaluated between two checks for a stop.
  var chunk = 250

  static func of(_ plan: RunPlan) -> RigorousCounts {
    plan.quick ? .quick : plan.reduced ? .reduced : RigorousCounts()
  }

  private static let quick = RigorousCounts(
    samples: 200, integrationBatches: 1, shapleySamples: 32, faithfulnessSamples: 100, randomRankings: 2,
    lengthBatches: 2, lengthMeanBatches: 2, lengthSamples: 60, inDistributionSamples: 100, resamples: 50)

  /// For many models, or deep ones: it skips what grows with the square of the number of components or
  /// layers.
  private static let reduced = RigorousCounts(
    samples: 1000, methods: [.mean, .zero, .published],
    scores: [.frobenius, .rms, .taylor, .attributionPatching, .integratedGradients], integrationBatches: 2,
    measuresPairs: false, shapleySamples: 0, faithfulnessSamples: 250, measuresLengths: false,
    inDistributionSamples: 500)
}
