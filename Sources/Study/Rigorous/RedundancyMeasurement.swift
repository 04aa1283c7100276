import Importance
import Records
import Transformer

/// What components do together: all pairs, all heroes and all bloats, Shapley values.
struct RedundancyMeasurement {
  let plan: RunPlan
  let counts: RigorousCounts
  let supervisor: Supervisor
  let samples: RigorousSamples

  func measure(
    _ evaluation: CausalEvaluation, _ components: [Component], heroes: [Component], bloats: [Component]
  ) throws -> RunRecord.Redundancy {
    let named = [("all_heroes", heroes), ("all_bloats", bloats)].filter { !$0.1.isEmpty }
    let pairs = components.indices.flatMap { i in
      components[(i + 1)...].map { [components[i], $0] }
    }
    let singles = components.map { [$0] }
    let effects = try chunked(evaluation).effects(of: singles + pairs + named.map(\.1), [.mean])
    guard let mean = effects[.mean] else { return RunRecord.Redundancy.none(components.count) }
    let inDistribution = try inDistribution(named.map(\.1), evaluation)
    var sets: [RunRecord.JointEffect] = []
    for (i, (name, members)) in named.enumerated() {
      let joint = mean.effects[singles.count + pairs.count + i]
      let sum = members.reduce(Outcomes(repeating: 0, count: mean.base.count)) { sum, member in
        components.firstIndex(of: member).map { sum + mean.effects[$0] } ?? sum
      }
      for effect in [Effect.exactMatch, .logProbability] {
        sets.append(
          RunRecord.JointEffect(
            name: name, components: members.map(\.name), effect: effect.rawValue, joint: joint.mean(effect),
            jointStandardError: joint.standardError(effect), sumOfSingles: sum.mean(effect),
            sumStandardError: sum.standardError(effect), inDistribution: inDistribution[i].mean(effect)))
      }
    }
    return RunRecord.Redundancy(
      sets: sets, pairInteractions: interactions(mean, components.count, .logProbability),
      pairInteractionsExactMatch: interactions(mean, components.count, .exactMatch),
      shapley: try shapley(evaluation, components))
  }

  private func chunked(_ evaluation: CausalEvaluation) -> ChunkedEffects {
    ChunkedEffects(evaluation: evaluation, chunk: counts.chunk, supervisor: supervisor)
  }

  /// Joint effects on samples of the training lengths.
  private func inDistribution(
    _ sets: [[Component]], _ evaluation: CausalEvaluation
  ) throws -> [Outcomes] {
    guard !sets.isEmpty else { return [] }
    let trained = try samples.pairs(plan.studyProtocol.trainingLengths, count: counts.inDistributionSamples)
    let inside = CausalEvaluation(evaluation.transformer, trained, means: evaluation.means)
    return try chunked(inside).effects(of: sets, [.mean])[.mean]?.effects ?? []
  }

  /// [components][components]
  private func interactions(_ mean: SetEffects, _ count: Int, _ effect: Effect) -> [[Double]] {
    let means = mean.effects.map { $0.mean(effect) }
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    var pair = count
    for i in 0..<count {
      for j in i + 1..<max(count, i + 1) {
        let interaction = means[pair] - means[i] - means[j]
        (matrix[i][j], matrix[j][i]) = (interaction, interaction)
        pair += 1
      }
    }
    return matrix
  }

  private func shapley(
    _ evaluation: CausalEvaluation, _ components: [Component]
  ) throws -> [RunRecord.ShapleyTable] {
    try supervisor.checkStop()
    let count = min(counts.shapleySamples, evaluation.samples.count)
    let values = try ComponentShapley(
      evaluation.over(0..<count), components, .mean, from: samples.shapley())
    return [Effect.exactMatch, .logProbability].map { effect in
      RunRecord.ShapleyTable(
        effect: effect.rawValue, values: values.values.map { $0.mean(effect) },
        standardErrors: values.standardErrors(effect), full: values.full.mean(effect))
    }
  }
}

extension RunRecord.Redundancy {
  fileprivate static func none(_ count: Int) -> RunRecord.Redundancy {
    let zeros = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    return RunRecord.Redundancy(
      sets: [], pairInteractions: zeros, pairInteractionsExactMatch: zeros, shapley: [])
  }
}
