import Compute
import Errors
import Foundation
import Importance
import Records
import Statistics
import Transformer

/// Measures every coalition of a model's strongest components, and of the heads of each layer, by mean ablation. What single effects and
/// pairs only suggest, this knows: which component covers for which others. What all heroes, and all bloats, cost together is measured beside it.
///
/// All coalitions are computed in shared passes: those of ten components are 1,024, and cost about as much as 300 forwards.
package struct InteractionMeasurement {
  package let plan: RunPlan
  package let device: any Device
  package let supervisor: Supervisor
  package let counts: InteractionCounts

  package init(
    _ plan: RunPlan, on device: any Device, counts: InteractionCounts = .init(),
    supervisor: Supervisor = Supervisor()
  ) {
    self.plan = plan
    self.device = device
    self.counts = counts
    self.supervisor = supervisor
  }

  /// - Parameter record: the model's rigorous record, which says at which length, and which components are the strongest.
  /// - Throws: `StudyError.interrupted`, `StudyError.impossible`, or what the device throws.
  package func measure(_ model: TrainedModel, beside record: RunRecord) throws -> InteractionRecord {
    let begin = ContinuousClock.now
    let device = StoppableDevice(device, supervisor: supervisor)
    let transformer = try plan.transformer(model, on: device)
    let components = Component.all(of: plan.model)
    guard let rigorous = record.rigorous else {
      throw StudyError.impossible("the record of \(record.task), seed \(record.seed) is not a rigorous one")
    }
    let order = try strongestFirst(components, record)
    let samples = RigorousSamples(plan: plan)
    let length = record.ood.length
    let means = try ComponentMeans(transformer, batches: samples.meanBatches(length...length))
    let evaluation = CausalEvaluation(
      transformer, try samples.interactionPairs(length, count: counts.samples), means: means)
    let games = try games(components, order, evaluation)
    // As many samples as the record's own effects have.
    let all = CausalEvaluation(
      transformer,
      try samples.interactionPairs(length, count: rigorous.samples), means: means)
    let classes = try ClassMeasurement(record: rigorous, components: components).measure(chunked(all))
    return InteractionRecord(
      task: plan.task.name, seed: plan.seed, device: RunRecord.Device(device.description),
      versions: Version.all, length: length, samples: evaluation.samples.count, games: games,
      interpolation: try interpolation(order, evaluation), classes: classes,
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }

  /// The components by the size of their single effects on log-probability, the largest first.
  private func strongestFirst(_ components: [Component], _ record: RunRecord) throws -> [Component] {
    let table = record.rigorous?.causal.first {
      $0.method == InterventionMethod.mean.rawValue && $0.effect == Effect.logProbability.rawValue
    }
    guard let table else {
      throw StudyError.impossible(
        "the record of \(record.task), seed \(record.seed) has no mean ablation on log-probability, which says which components are the strongest"
      )
    }
    guard table.values.count == components.count else {
      throw StudyError.impossible(
        "the record of \(record.task), seed \(record.seed) does not belong to a model of \(components.count) components"
      )
    }
    let sizes = table.values.map(abs)
    return components.indices.sorted { (-sizes[$0], $0) < (-sizes[$1], $1) }.map { components[$0] }
  }

  private func games(
    _ components: [Component], _ order: [Component], _ evaluation: CausalEvaluation
  ) throws -> [InteractionRecord.Game] {
    let strongest = Set(order.prefix(counts.players))
    var games = [(name: InteractionRecord.GameName.strongest, players: components.filter(strongest.contains))]
    for layer in 0..<plan.model.layers {
      let heads = Set(order.filter { $0.isHead(of: layer) }.prefix(counts.players))
      // One component alone is no game.
      guard heads.count > 1 else { continue }
      games.append((InteractionRecord.GameName.layer(layer), components.filter(heads.contains)))
    }
    let coalitions = games.map { Self.coalitions(of: $0.players) }
    let sets = Array(Set(coalitions.joined()).subtracting([[]]))
      .sorted { $0.map(\.name).lexicographicallyPrecedes($1.map(\.name)) }
    guard let effects = try chunked(evaluation).effects(of: sets, [.mean])[.mean] else {
      throw InternalError("mean ablations were asked for and not measured")
    }
    let found = Dictionary(uniqueKeysWithValues: zip(sets, effects.effects))
    let half = evaluation.samples.count / 2
    return zip(games, coalitions).map { game, coalitions in
      InteractionRecord.Game(
        name: game.name, players: game.players.map(\.name),
        worths: [Effect.exactMatch, .logProbability].map { effect in
          func worths(_ samples: Range<Int>) -> [Double] {
            // The empty coalition is worth nothing; every other one was measured.
            coalitions.map { found[$0]?.mean(effect, of: samples) ?? 0 }
          }
          return InteractionRecord.Worths(
            effect: effect.rawValue, first: worths(0..<half),
            second: worths(half..<evaluation.samples.count))
        })
    }
  }

  private func chunked(_ evaluation: CausalEvaluation) -> ChunkedEffects {
    ChunkedEffects(evaluation: evaluation, chunk: counts.chunk, supervisor: supervisor)
  }

  /// All coalitions of some components, in the order of their numbers.
  private static func coalitions(of players: [Component]) -> [[Component]] {
    (0..<1 << players.count).map { coalition in
      players.indices.filter { coalition >> $0 & 1 == 1 }.map { players[$0] }
    }
  }

  private func interpolation(
    _ order: [Component], _ evaluation: CausalEvaluation
  ) throws -> InteractionRecord.Interpolation {
    let (primary, moved) = (
      order.prefix(CoalitionGame.primaryCount(players: counts.players)), order.prefix(counts.players)
    )
    let evaluation = evaluation.over(0..<min(counts.interpolationSamples, evaluation.samples.count))
    // For each component, without the others and with them, each at a share of 0 and at every share.
    let shares = [0] + counts.shares
    let ablations = moved.flatMap { component in
      [[], primary.filter { $0 != component }].flatMap { replaced in
        shares.map { InterpolatedAblation(replaced: replaced, moved: component, share: $0) }
      }
    }
    let outcomes = try evaluation.outcomes(ablations).map { $0.mean(.logProbability) }
    let growth = moved.indices.map { place in
      let first = place * 2 * shares.count
      return counts.shares.indices.map { share in
        let (alone, together) = (first, first + shares.count)
        return (outcomes[together] - outcomes[together + share + 1])
          - (outcomes[alone] - outcomes[alone + share + 1])
      }
    }
    return InteractionRecord.Interpolation(
      primary: primary.map(\.name), components: moved.map(\.name), shares: counts.shares, growth: growth)
  }
}

extension Component {
  fileprivate func isHead(of layer: Int) -> Bool {
    if case .head(layer, _) = self { true } else { false }
  }
}
