import Errors
import Importance
import Records
import Transformer

/// What components do together: all heroes, all bloats, and, if wanted, all pairs and Shapley values.
struct RedundancyMeasurement {
  let plan: RunPlan
  let counts: RigorousCounts
  let supervisor: Supervisor
  let samples: RigorousSamples

  /// - Parameters:
  ///   - singles: the single effect of each component, by mean ablation in the same evaluation.
  ///   - comparison: the ranks that make heroes and bloats.
  func measure(
    _ evaluation: CausalEvaluation, _ components: [Component], singles: SetEffects,
    _ comparison: RankComparison
  ) throws -> RunRecord.Redundancy {
    let named = comparison.sets.map { set in (set.name, set.places.map { components[$0] }) }
    let pairs = counts.measuresPairs ? JointEffects.pairs(of: components) : []
    guard
      let found = try chunked(evaluation).effects(of: named.map(\.1) + pairs, [.mean])[.mean]
    else { throw InternalError("mean ablations were asked for and not measured") }
    let effects = try JointEffects(singles: singles, joint: found)
    let inDistribution = try inDistribution(named.map(\.1), evaluation)
    let sets = named.indices.flatMap {
      effects.records(ofSet: $0, named: named[$0].0, inDistribution: inDistribution[$0])
    }
    let interactions = pairs.indices.map { effects.interaction(ofSet: named.count + $0) }
    return RunRecord.Redundancy(
      sets: sets, pairInteractions: matrix(interactions.map { $0.mean(.logProbability) }, components.count),
      pairInteractionsExactMatch: matrix(interactions.map { $0.mean(.exactMatch) }, components.count),
      shapley: try shapley(evaluation, components))
  }

  private func chunked(_ evaluation: CausalEvaluation) -> ChunkedEffects {
    ChunkedEffects(evaluation: evaluation, chunk: counts.chunk, supervisor: supervisor)
  }

  /// Joint effects on samples with the training lengths.
  private func inDistribution(
    _ sets: [[Component]], _ evaluation: CausalEvaluation
  ) throws -> [Outcomes] {
    guard !sets.isEmpty else { return [] }
    let trained = try samples.pairs(plan.studyProtocol.trainingLengths, count: counts.inDistributionSamples)
    let inside = CausalEvaluation(evaluation.transformer, trained, means: evaluation.means)
    return try chunked(inside).effects(of: sets, [.mean])[.mean]?.effects ?? []
  }

  /// [components][components] from the values of the pairs, with 0 on the diagonal; empty without pairs.
  private func matrix(_ pairs: [Double], _ count: Int) -> [[Double]] {
    guard !pairs.isEmpty else { return [] }
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    var rest = pairs[...]
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        let value = rest.popFirst() ?? 0
        (matrix[i][j], matrix[j][i]) = (value, value)
      }
    }
    return matrix
  }

  private func shapley(
    _ evaluation: CausalEvaluation, _ components: [Component]
  ) throws -> [RunRecord.ShapleyTable] {
    let count = min(counts.shapleySamples, evaluation.samples.count)
    guard count > 0 else { return [] }
    try supervisor.checkStop()
    let values = try ComponentShapley(
      evaluation.over(0..<count), components, .mean, from: samples.shapley())
    return [Effect.exactMatch, .logProbability].map { effect in
      RunRecord.ShapleyTable(
        effect: effect.rawValue, values: values.values.map { $0.mean(effect) },
        standardErrors: values.standardErrors(effect), full: values.full.mean(effect))
    }
  }
}
