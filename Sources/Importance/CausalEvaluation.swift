import Tasks
import Transformer

/// Measures many interventions on one model over the same samples, so that all differences are paired.
package struct CausalEvaluation {
  package let transformer: Transformer
  package let samples: CausalSamples
  /// Needed for the methods `mean` and `published`.
  package let means: ComponentMeans?
  /// The number of rows at the widest place of a pass.
  package var rowLimit = ForkedForward.defaultRowLimit
  /// Whether outcomes have divergences from the clean run, which takes its logits in every pass.
  package var measuresDivergence = false

  package init(_ transformer: Transformer, _ samples: CausalSamples, means: ComponentMeans? = nil) {
    self.transformer = transformer
    self.samples = samples
    self.means = means
  }

  /// The same evaluation over some of the samples.
  package func over(_ range: Range<Int>) -> CausalEvaluation {
    var result = CausalEvaluation(transformer, samples[range], means: means)
    result.rowLimit = rowLimit
    result.measuresDivergence = measuresDivergence
    return result
  }

  /// The outcomes of every sample under every intervention, in passes that share common work. They equal
  /// those of a forward under the intervention alone, bit for bit.
  ///
  /// - Parameter interventions: their runs are those of `Run`: clean, corrupted, donor.
  /// - Throws: `ModelError.batch` for interventions that are impossible in this model.
  package func outcomes(_ interventions: [Intervention]) throws -> [Outcomes] {
    var forked = samples.forked
    forked.measuresDivergence = measuresDivergence
    return try ForkedForward(transformer).scores(forked, interventions, rowLimit: rowLimit)
      .map(Outcomes.init)
  }

  /// The method's intervention on several components together.
  ///
  /// - Throws: `ImportanceError.missingMeans`.
  package func intervention(on components: [Component], _ method: InterventionMethod) throws -> Intervention {
    try method.intervention(on: components, means: means)
  }

  /// The effect of each set of components, for each method, all in the same passes.
  package func effects(
    of sets: [[Component]], _ methods: [InterventionMethod]
  ) throws -> [InterventionMethod: SetEffects] {
    let perMethod = try methods.map { method in
      try ([[]] + sets).map { try intervention(on: $0, method) }
    }
    let outcomes = try outcomes(Array(perMethod.joined()))
    var result: [InterventionMethod: SetEffects] = [:]
    for (i, method) in methods.enumerated() {
      let first = i * (sets.count + 1)
      let base = outcomes[first]
      result[method] = SetEffects(
        method: method, sets: sets, base: base,
        effects: outcomes[first + 1..<first + 1 + sets.count].map { method.effect(of: $0, base: base) })
    }
    return result
  }
}

extension InterventionMethod {
  /// How much a component matters, sample by sample: what the intervention loses or, for a method that
  /// restores, gains. It is positive if the component helps.
  func effect(of outcomes: Outcomes, base: Outcomes) -> Outcomes {
    restores ? outcomes - base : base - outcomes
  }
}

/// The effects of sets of components under one method.
package struct SetEffects: Sendable {
  package let method: InterventionMethod
  package let sets: [[Component]]
  /// The outcomes of the run without intervention.
  package let base: Outcomes
  /// For each set, sample by sample; positive if its components help.
  package let effects: [Outcomes]

  package init(method: InterventionMethod, sets: [[Component]], base: Outcomes, effects: [Outcomes]) {
    self.method = method
    self.sets = sets
    self.base = base
    self.effects = effects
  }
}
