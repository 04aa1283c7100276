import Records
import Statistics

/// The games of one kind of one model: its strongest components, or the heads of each of its layers. Screens see one half of the samples and
/// are judged on the other, so that no noise is in both.
struct MeasuredGames {
  let seed: Int
  /// For each game, as the screens see it, and as it is judged.
  let halves: [(seen: CoalitionGame, judged: CoalitionGame)]

  /// - Throws: `StatisticsError`.
  init(_ record: InteractionRecord, _ kind: GameKind, effect: String) throws {
    seed = record.seed
    halves = try record.games.filter {
      ($0.name == InteractionRecord.GameName.strongest) == (kind == .strongest)
    }
    .compactMap { game in
      try game.worths.first { $0.effect == effect }.map {
        (try CoalitionGame($0.first), try CoalitionGame($0.second))
      }
    }
  }

  /// The rank correlation, over all players of the model's games, of a screen and what is hidden; nil where either is the same for all.
  func agreement(_ screen: InteractionScreen, _ hidden: HiddenEffect) throws -> Double? {
    try spearman(halves.flatMap { screen.values($0.seen) }, halves.flatMap { hidden.values($0.judged) })
  }

  /// Whether the screen's first player is the one of whose effect most is hidden.
  func finds(_ screen: InteractionScreen, _ hidden: HiddenEffect) -> Bool {
    func first(_ values: [Double]) -> Int? { values.indices.max { (values[$0], -$0) < (values[$1], -$1) } }
    return first(halves.flatMap { screen.values($0.seen) })
      == first(halves.flatMap { hidden.values($0.judged) })
  }

  /// The share of the variance of the coalitions' worths that single effects explain, or those and the interactions of pairs; below 0 if
  /// they predict worse than the mean. Nil if all worths are equal.
  func explained(withPairs: Bool) -> Double? {
    var (squares, residuals) = (0.0, 0.0)
    for (seen, judged) in halves {
      let center = Statistics.mean(judged.worths) ?? 0
      for (coalition, worth) in judged.worths.enumerated() {
        let residual = worth - seen.predicted(coalition, withPairs: withPairs)
        squares += (worth - center) * (worth - center)
        residuals += residual * residual
      }
    }
    return squares > 0 ? 1 - residuals / squares : nil
  }
}

/// Which components play together.
package enum GameKind: String, CaseIterable, Codable, Sendable {
  case strongest
  /// The heads of a layer; the layers of a model count together.
  case heads

  var title: String {
    switch self {
    case .strongest: "the strongest components"
    case .heads: "the heads of each layer"
    }
  }
}
