/// How much the `rigorous` protocol measures where its study has not said. Chosen so that a model of the study's size takes
/// a few minutes on two cores.
struct RigorousCounts: Sendable {
  /// Of every causal evaluation.
  var samples = 2000
  /// For integrated gradients.
  var integrationBatches = 4
  var shapleySamples = 1024
  var faithfulnessSamples = 1000
  var randomRankings = 5
  /// At each length.
  var lengthBatches = 20
  var lengthMeanBatches = 10
  var lengthSamples = 500
  var inDistributionSamples = 1000
  var resamples = 300
  /// Samples evaluated between two looks at whether to stop.
  var chunk = 250

  static let quick = RigorousCounts(
    samples: 200, integrationBatches: 1, shapleySamples: 32, faithfulnessSamples: 100, randomRankings: 2,
    lengthBatches: 2, lengthMeanBatches: 2, lengthSamples: 60, inDistributionSamples: 100, resamples: 50)
}
