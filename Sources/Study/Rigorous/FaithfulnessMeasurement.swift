import Importance
import Transformer
import RandomStreams
import Records

/// How well the highest-ranked components of each ranking perform without the others, compared with the
/// ranking by the effect itself and with random rankings. A score that is equal for all components gives no
/// ranking and no curve.
struct FaithfulnessMeasurement {
  /// The orders of components to measure: by gradient scores, by the effects themselves, and random ones.
  var rankings: [[Component]] { named.map(\.order) + own.map(\.order) + randoms }

  let effects: [Effect]
  private let named: [(name: String, values: [Double], order: [Component])]
  private let own: [(effect: Effect, values: [Double], order: [Component])]
  private let randoms: [[Component]]

  /// - Parameters:
  ///   - exact: the effects of mean ablation.
  ///   - randomRankings: how many there are.
  ///   - effects: on which circuits are measured.
  init(
    _ components: [Component], _ gradients: [RunRecord.GradientTable], exact: [RunRecord.CausalTable],
    random: CounterStream, randomRankings: Int, effects: [Effect] = [.exactMatch, .logProbability]
  ) {
    self.effects = effects
    func order(_ values: [Double]) -> [Component] {
      // A stable order: among equals the earlier component comes first.
      values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1] }
        .map { components[$0] }
    }
    var stream = random
    named = gradients.map { ($0.score, $0.values, order($0.values)) }
    own = effects.compactMap { effect in
      exact.first { $0.effect == effect.rawValue }.map { (effect, $0.values, order($0.values)) }
    }
    randoms = (0..<randomRankings).map { _ in
      order(stream.normal(count: components.count).map(Double.init))
    }
  }

  /// The curve of every ranking.
  ///
  /// - Parameter measured: the curve of a ranking, by its index.
  func records(_ measured: (Int, Effect) -> FaithfulnessCurve) -> [RunRecord.FaithfulnessRecord] {
    func curve(
      _ name: String, _ rankings: [Int], _ effect: Effect, of values: [Double]? = nil
    ) -> RunRecord.FaithfulnessRecord {
      if let values, Set(values).count < 2 { return .unranked(name, effect) }
      return RunRecord.FaithfulnessRecord(name, rankings.map { measured($0, effect) }, effect)
    }
    let firstRandom = named.count + own.count
    return effects.flatMap { effect in
      named.indices.map { curve(named[$0].name, [$0], effect, of: named[$0].values) }
        + own.indices.filter { own[$0].effect == effect }.map {
          curve(RecordNames.Ranking.exact, [named.count + $0], effect, of: own[$0].values)
        }
        + [curve(RecordNames.Ranking.random, randoms.indices.map { firstRandom + $0 }, effect)]
    }
  }
}

extension RunRecord.FaithfulnessRecord {
  /// The record of a score that is equal for all components, whose ranking would only be the order of their
  /// names.
  fileprivate static func unranked(_ ranking: String, _ effect: Effect) -> Self {
    Self(
      method: InterventionMethod.mean.rawValue, effect: effect.rawValue, ranking: ranking, values: nil,
      cpr: nil, cmd: nil, reason: "the score is the same for every component")
  }

  /// The mean of several curves.
  fileprivate init(_ ranking: String, _ curves: [FaithfulnessCurve], _ effect: Effect) {
    func mean(_ values: [Double?]) -> Double? {
      let known = values.compactMap { $0 }
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
    let values = curves.compactMap(\.faithfulness)
    self.init(
      method: InterventionMethod.mean.rawValue, effect: effect.rawValue, ranking: ranking,
      values: values.first.map { first in first.indices.map { k in mean(values.map { $0[k] }) ?? 0 } },
      cpr: mean(curves.map(\.cpr)), cmd: mean(curves.map(\.cmd)), reason: curves.compactMap(\.reason).first)
  }
}
