import Tasks
import Transformer

/// Gradient scores of components on given batches, all from the same passes.
///
/// Every score keeps the value of each unit (a batch or a sample), so that scores of any subset of the units,
/// such as two disjoint halves, can be computed afterwards.
package struct GradientScores {
  /// The number of rows that the passes of integrated gradients process at a time by default.
  package static let defaultRowLimit = 2048

  package let components: [Component]
  package let metric: GradientMetric
  /// For each requested score, [component][unit]. Units are batches, or samples batch after batch; see
  /// `GradientScore.unit`.
  package private(set) var values: [GradientScore: [[Double]]]
  /// [component][sample]: the true change of the metric when only this component is replaced and everything
  /// above it recomputed. Integrated gradients add up to it. Empty if they were not requested.
  package private(set) var effects: [[Double]]

  /// - Parameters:
  ///   - components: in any order; nil for all components of the model.
  ///   - batches: the sequences of each batch, for one model.
  ///   - corrupted: a partner for each sequence, of the same length and with targets at the same positions.
  ///     `noising` and the logit difference need it.
  ///   - method: what attributions replace a component's output with: `mean`, `zero` or `noising`.
  ///   - means: needed by `mean`; the QK fix also needs `projections`.
  ///   - metric: what attributions estimate changes of.
  ///   - integrationTolerance: the error that integrated gradients may leave in a sample, relative to its effect or to a small share of
  ///     the metric, whichever is larger.
  ///   - integrationRounding: the rounding error of the metric, relative to the metric or to 1, below which nothing is sought; for single
  ///     precision by default.
  ///   - rowLimit: the number of rows that their passes process at a time.
  ///   - whileWeights: called for each batch while the gradients of weights are those of its mean loss.
  /// - Throws: `ImportanceError.missingMeans`, `.mismatch` for another method, `GradientScoreError`,
  ///   `ModelError.batch`, or what the device throws.
  package init(
    _ transformer: Transformer, components: [Component]? = nil, batches: [[TokenSequence]],
    corrupted: [[TokenSequence]]? = nil, method: InterventionMethod, means: ComponentMeans? = nil,
    projections: ProjectionMeans? = nil, metric: GradientMetric = .targetLogProbability,
    scores: Set<GradientScore> = Set(GradientScore.allCases),
    integrationTolerance: Double = 1e-3, integrationRounding: Double = 2e-6,
    rowLimit: Int = GradientScores.defaultRowLimit, whileWeights: (() throws -> Void)? = nil
  ) throws {
    let components = components ?? Component.all(of: transformer.configuration)
    self.components = components
    self.metric = metric
    let empty = components.map { _ in [Double]() }
    values = Dictionary(uniqueKeysWithValues: scores.map { ($0, empty) })
    effects = scores.contains(.integratedGradients) ? empty : []
    let request = GradientScoreRequest(
      components: components, method: method, means: means, projections: projections, metric: metric,
      scores: scores, integrationTolerance: integrationTolerance, integrationRounding: integrationRounding,
      rowLimit: rowLimit)
    try request.check()
    if let corrupted { try checkPartners(batches, corrupted) }
    for (index, sequences) in batches.enumerated() {
      let pass = try GradientScorePass(request, sequences, partners: corrupted?[index], on: transformer)
      let result = try pass.run(whileWeights: whileWeights)
      append(
        GradientScores(
          components: components, metric: metric, values: result.values, effects: result.effects))
    }
  }

  /// Scores that were measured before.
  package init(
    components: [Component], metric: GradientMetric, values: [GradientScore: [[Double]]],
    effects: [[Double]]
  ) {
    self.components = components
    self.metric = metric
    self.values = values
    self.effects = effects
  }

  /// Adds the units of further batches, for the same components, metric and scores.
  package mutating func append(_ others: GradientScores) {
    for (score, units) in others.values {
      for (i, units) in units.enumerated() { values[score]?[i] += units }
    }
    for (i, samples) in others.effects.enumerated() { effects[i] += samples }
  }

  /// One number per component: a score over all of its units or some of them.
  ///
  /// - Parameters:
  ///   - units: the indices of batches or samples; nil for all.
  ///   - aggregation: nil for the score's default.
  package func callAsFunction(
    _ score: GradientScore, units: [Int]? = nil, by aggregation: GradientScore.Aggregation? = nil
  ) -> [Double] {
    let aggregate = aggregation ?? score.aggregation
    return (values[score] ?? []).map { all in
      guard let units else { return aggregate(all) }
      return aggregate(units.map { all[$0] })
    }
  }
}

/// What is requested for every batch.
struct GradientScoreRequest {
  var components: [Component]
  var method: InterventionMethod
  var means: ComponentMeans?
  var projections: ProjectionMeans?
  var metric: GradientMetric
  var scores: Set<GradientScore>
  var integrationTolerance: Double
  var integrationRounding: Double
  var rowLimit: Int

  /// Whether at least one of the scores reads any of these data.
  func reads(_ reading: GradientScore.Reading...) -> Bool {
    scores.contains { reading.contains($0.reading) }
  }

  func asks(forAnyOf wanted: GradientScore...) -> Bool { !scores.isDisjoint(with: wanted) }

  func check() throws {
    switch method {
    case .mean, .zero, .noising: break
    case .published, .resample, .denoising:
      throw ImportanceError.mismatch(
        "attributions are to replacement by mean, zero or noising, not by \(method.rawValue)")
    }
  }

  /// The replacement for everything at a hook, with the heads side by side.
  ///
  /// - Throws: `ImportanceError.missingMeans`.
  func value(at point: HookPoint) throws -> Patch.Value {
    switch (method, point) {
    case (.zero, _): return .zero
    case (.noising, _): return .run(Run.corrupted.rawValue)
    case (_, .z(let layer)): if let means { return .constant(means.z[layer]) }
    case (_, .mlpOut(let layer)): if let means { return .constant(means.mlp[layer]) }
    case (_, .query(let layer)): if let projections { return .constant(projections.query[layer]) }
    case (_, .key(let layer)): if let projections { return .constant(projections.key[layer]) }
    case (_, .value(let layer)): if let projections { return .constant(projections.value[layer]) }
    default: break
    }
    throw ImportanceError.missingMeans
  }
}

/// Checks that every sequence has a partner of its shape.
///
/// - Throws: `GradientScoreError.partner`.
func checkPartners(_ batches: [[TokenSequence]], _ corrupted: [[TokenSequence]]) throws {
  for (batch, sequences) in batches.enumerated() {
    let partners = batch < corrupted.count ? corrupted[batch] : []
    for (sample, sequence) in sequences.enumerated() {
      func fail(_ reason: String) -> GradientScoreError {
        .partner(batch: batch, sample: sample, reason)
      }
      guard sample < partners.count else { throw fail("is missing") }
      let partner = partners[sample]
      guard partner.tokens.count == sequence.tokens.count else {
        throw fail("has \(partner.tokens.count) tokens, not \(sequence.tokens.count)")
      }
      guard partner.targets.map({ $0 >= 0 }) == sequence.targets.map({ $0 >= 0 }) else {
        throw fail("has targets at other positions")
      }
    }
  }
}
