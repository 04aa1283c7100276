import Importance
import Records
import Statistics
import Tasks
import Transformer

/// Rho of the published score and mean ablation at every length, inside the window or not, and in
/// distribution.
struct LengthMeasurement {
  let plan: RunPlan
  let counts: RigorousCounts
  let supervisor: Supervisor
  let samples: RigorousSamples

  func measure(_ transformer: Transformer, _ components: [Component]) throws -> [RunRecord.LengthResult] {
    let rules = plan.studyProtocol
    let lengths = [rules.trainingLengths] + (rules.oodLengths + rules.farLengths).map { $0...$0 }
    return try lengths.enumerated().map { index, lengths in
      try supervisor.checkStop()
      return try measure(transformer, components, lengths, inDistribution: index == 0)
    }
  }

  private func measure(
    _ transformer: Transformer, _ components: [Component], _ lengths: ClosedRange<Int>, inDistribution: Bool
  ) throws -> RunRecord.LengthResult {
    let gradient = try GradientNorms(
      transformer, components.map { .component($0) },
      batches: samples.gradientBatches(lengths, count: counts.lengthBatches)
    ).means
    let place = "at length \(lengths.upperBound)"
    try requireFinite(gradient, of: components, "the gradient score frobenius \(place)")
    let means = try ComponentMeans(
      transformer, batches: samples.meanBatches(lengths, count: counts.lengthMeanBatches))
    let evaluation = CausalEvaluation(
      transformer, try samples.pairs(lengths, count: counts.lengthSamples), means: means)
    let found = try evaluation.effects(of: components.map { [$0] }, [.mean])[.mean]
    func rho(_ effect: Effect) throws -> Double? {
      let effects = found?.effects.map { $0.mean(effect) } ?? []
      try requireFinite(effects, of: components, "the effect of mean on \(effect.rawValue) \(place)")
      return try spearman(gradient, effects)
    }
    return RunRecord.LengthResult(
      length: lengths.upperBound, inDistribution: inDistribution,
      accuracy: found?.base.mean(.exactMatch) ?? 0, rho: try rho(.exactMatch),
      rhoLogProbability: try rho(.logProbability))
  }
}
