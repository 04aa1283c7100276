import Importance
import RandomStreams
import Records
import Statistics

/// How well the rankings by gradient scores and by single effects agree, and how certain that is.
struct RankAgreement {
  /// The number of resamples. Units of a gradient score and samples of an effect are redrawn; each half is
  /// redrawn from itself.
  let resamples: Int

  func correlation(
    _ gradient: RunRecord.GradientTable, _ causal: RunRecord.CausalTable,
    interval: Estimable<BootstrapEstimate>?
  ) throws -> RunRecord.ScoreCorrelation {
    let rho = try spearman(gradient.values, causal.values)
    let corrected: Estimable<Double> =
      rho.map {
        disattenuated($0, first: gradient.reliability?.whole, second: causal.reliability?.whole)
      } ?? .notEstimable(.undefinedCorrelation)
    return RunRecord.ScoreCorrelation(
      score: gradient.score, distribution: gradient.distribution, method: causal.method,
      effect: causal.effect, rho: rho, corrected: corrected.value, interval: interval?.value?.interval,
      reason: (corrected.reason ?? interval?.reason).map { "\($0)" })
  }

  /// The interval of a corrected rho, over the batches or samples of the gradient score and the samples of
  /// the effect.
  func interval(
    _ scores: GradientScores, _ score: GradientScore, _ effects: SetEffects, _ effect: Effect,
    from stream: inout CounterStream
  ) throws -> Estimable<BootstrapEstimate> {
    let (units, samples) = (scores.unitCount(score), effects.base.count)
    let (half, sampleHalf) = (units / 2, samples / 2)
    let counts = [half, units - half, sampleHalf, samples - sampleHalf]
    let (gradients, causalRows) = (ScoreRows(scores, score), RowTable(effects.effects.map { $0[effect] }))
    return try bootstrapCorrected(counts: counts, resamples: resamples, using: &stream) { rows in
      let first = gradients.rows.sums(over: rows[0])
      let gradient = try HalvedScore(
        gradients.score(first), gradients.score(gradients.rows.sums(over: rows[1], offset: half)),
        whole: gradients.score(gradients.rows.sums(over: rows[1], offset: half, addedTo: first)))
      let causal = try HalvedScore(
        causalRows.sums(over: rows[2]).means, causalRows.sums(over: rows[3], offset: sampleHalf).means)
      return try AttenuationTerms.measured(gradient, causal)
    }
  }

  /// For each component, the shares of resamples in which it is a hero, a bloat, or neither.
  func classConfidence(
    _ scores: GradientScores, _ score: GradientScore, _ effects: SetEffects, _ effect: Effect,
    threshold: RankComparison.Threshold, from stream: inout CounterStream
  ) throws -> [RunRecord.ClassConfidence] {
    var counts = effects.sets.map { _ in RunRecord.ClassConfidence(hero: 0, bloat: 0, neutral: 0) }
    let share = 1 / Double(resamples)
    let (gradients, causalRows) = (ScoreRows(scores, score), RowTable(effects.effects.map { $0[effect] }))
    try forEachResample(
      counts: [scores.unitCount(score), effects.base.count], resamples: resamples, using: &stream
    ) { rows in
      let alignment = try RankComparison(
        gradient: gradients.score(gradients.rows.sums(over: rows[0])),
        causal: causalRows.sums(over: rows[1]).means, threshold: threshold)
      for (i, kind) in alignment.classes.enumerated() {
        switch kind {
        case .hero: counts[i].hero += share
        case .bloat: counts[i].bloat += share
        case .neutral: counts[i].neutral += share
        }
      }
    }
    return counts
  }
}

/// A gradient score of every component on each of its units, for means over resamples of them.
private struct ScoreRows: Sendable {
  let rows: RowTable
  private let aggregation: GradientScore.Aggregation

  init(_ scores: GradientScores, _ score: GradientScore) {
    let aggregation = score.aggregation
    self.aggregation = aggregation
    rows = RowTable((scores.values[score] ?? []).map { $0.map(aggregation.term) })
  }

  /// One number for each component, as `GradientScores` has it for the same units.
  func score(_ sums: RowTable.Sums) -> [Double] { sums.means.map(aggregation.score(ofMean:)) }
}
