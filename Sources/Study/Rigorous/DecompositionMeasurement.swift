import Importance
import Records
import Statistics

/// The steps from the published rho to the rigorous one, for one model. All steps use the same outcomes: an
/// unpaired measurement takes different samples for each component and for the baseline.
struct DecompositionMeasurement {
  let published: SetEffects
  let mean: SetEffects
  let frobenius: RunRecord.GradientTable
  let rms: RunRecord.GradientTable
  let causal: RunRecord.CausalTable
  /// The number of samples in an unpaired accuracy.
  let samples: Int

  func steps() throws -> [RunRecord.DecompositionStep] {
    func step(_ name: RecordNames.Step, _ gradient: [Double], _ causal: [Double]) throws
      -> RunRecord.DecompositionStep
    {
      let rho = try spearman(gradient, causal)
      return RunRecord.DecompositionStep(
        step: name.rawValue, rho: rho, reason: rho == nil ? "a score is the same for every component" : nil)
    }
    let corrected: Estimable<Double> =
      try spearman(rms.values, causal.values).map {
        disattenuated($0, first: rms.reliability?.whole, second: causal.reliability?.whole)
      } ?? .notEstimable(.undefinedCorrelation)
    return [
      try step(.published, frobenius.values, unpaired(published)),
      try step(.ablateBeforeProjection, frobenius.values, unpaired(mean)),
      try step(
        .pairSamples, frobenius.values, mean.means(.exactMatch, 0..<min(samples, mean.base.count))),
      try step(.moreSamples, frobenius.values, causal.values),
      try step(.normaliseGradient, rms.values, causal.values),
      RunRecord.DecompositionStep(
        step: RecordNames.Step.correctAttenuation.rawValue, rho: corrected.value,
        reason: corrected.reason.map { "\($0)" }),
    ]
  }

  /// The accuracy on some samples minus the accuracy, on other samples, with a component replaced.
  private func unpaired(_ effects: SetEffects) -> [Double] {
    func block(_ index: Int) -> [Int] {
      (0..<samples).map { (index * samples + $0) % max(effects.base.count, 1) }
    }
    func accuracy(_ outcomes: Outcomes, _ block: [Int]) -> Double {
      block.reduce(0) { $0 + outcomes.exactMatch[$1] } / Double(max(samples, 1))
    }
    let baseline = accuracy(effects.base, block(effects.sets.count))
    return effects.effects.indices.map { i in
      baseline - accuracy(effects.base - effects.effects[i], block(i))
    }
  }
}
