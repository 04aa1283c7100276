import Importance
import Records
import Statistics
import Transformer

/// Scores and effects in the form of a record: on two halves, and on all units.

extension GradientScores {
  /// The score on each half of the units and on all units.
  ///
  /// - Throws: `StudyError.notFinite`.
  func table(_ score: GradientScore, distribution: String) throws -> RunRecord.GradientTable {
    let name = "the gradient score \(score.rawValue) on \(distribution) batches"
    for (component, values) in zip(components, values[score] ?? []) {
      try requireFinite(values, of: component, name)
    }
    let units = values[score]?.first?.count ?? 0
    let (first, second) = (
      self(score, units: Array(0..<units / 2)), self(score, units: Array(units / 2..<units))
    )
    return RunRecord.GradientTable(
      score: score.rawValue, distribution: distribution, isSigned: score.isSigned, first: first,
      second: second, values: self(score), reliability: try Reliability.splitHalf(first, second).value)
  }

  func unitCount(_ score: GradientScore) -> Int { values[score]?.first?.count ?? 0 }
}

extension SetEffects {
  /// The effects of single components on each half of the samples and on all samples.
  ///
  /// - Throws: `StudyError.notFinite`.
  func table(_ effect: Effect, of components: [Component]) throws -> RunRecord.CausalTable {
    try requireFinite(
      effects.map { $0.mean(effect) }, of: components,
      "the effect of \(method.rawValue) on \(effect.rawValue)")
    let half = base.count / 2
    let (first, second) = (means(effect, 0..<half), means(effect, half..<base.count))
    return RunRecord.CausalTable(
      method: method.rawValue, effect: effect.rawValue,
      base: effect.isCost ? 0 - base.mean(effect) : base.mean(effect), first: first, second: second,
      values: effects.map { $0.mean(effect) }, standardErrors: effects.map { $0.standardError(effect) },
      reliability: try Reliability.splitHalf(first, second).value)
  }

  /// For each set, the mean effect over samples; a sample counts as often as it is listed.
  func means(_ effect: Effect, _ samples: some Collection<Int>) -> [Double] {
    effects.map { $0.mean(effect, of: samples) }
  }

  /// The effects of both, which must have the same sets and method; the samples of `more` follow.
  func appending(_ more: SetEffects) -> SetEffects {
    var (base, effects) = (base, effects)
    base.append(more.base)
    for i in effects.indices { effects[i].append(more.effects[i]) }
    return SetEffects(method: method, sets: sets, base: base, effects: effects)
  }
}
