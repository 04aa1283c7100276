import Records
import Statistics

/// The games of one kind of one model: its strongest components, or the heads of each of its layers. Screens see one half of the samples and
/// are judged on the other, so that no noise is in both.
struct MeasuredGames {
  let seed: Int
  /// For each game with at least two players, as the screens see it, and as it is judged.
  let halves: [(seen: CoalitionGame, judged: CoalitionGame)]

  /// - Throws: `StatisticsError`.
  init(_ record: InteractionRecord, _ kind: GameKind, effect: String) throws {
    seed = record.seed
    halves = try record.games.filter {
      ($0.name == InteractionRecord.GameName.strongest) == (kind == .strongest) && $0.players.count > 1
    }.compactMap { game in
      try game.worths.first { $0.effect == effect }.map {
        (try CoalitionGame($0.first), try CoalitionGame($0.second))
      }
    }
  }

  /// What a screen says of a player, what is missed of them, and their single effect.
  private typealias Player = (value: Double, missed: Double, single: Double)

  /// For each of the model's games, the players of whom a screen says something.
  private func playersByGame(_ screen: InteractionScreen) -> [[Player]] {
    halves.map { seen, judged in
      zip(screen.values(seen), judged.missed).enumerated().compactMap { player, found in
        found.0.map { ($0, found.1, seen.single(player)) }
      }
    }
  }

  private func players(_ screen: InteractionScreen) -> [Player] { playersByGame(screen).flatMap(\.self) }

  /// The rank correlation, over the players of all games together, of a screen and what is missed; nil where either is the same for all.
  func agreement(_ screen: InteractionScreen) throws -> Double? {
    try Self.agreement(players(screen))
  }

  /// The mean over the model's games of the rank correlation within each, so that it does not matter in which layers single effects miss more; nil
  /// where no game has one.
  func agreementWithinGames(_ screen: InteractionScreen) throws -> Double? {
    Statistics.mean(try playersByGame(screen).compactMap { try Self.agreement($0) })
  }

  private static func agreement(_ players: [Player]) throws -> Double? {
    guard players.count > 1 else { return nil }
    return try spearman(players.map(\.value), players.map(\.missed))
  }

  /// The rank correlation over the players of all games, among those with equal single effects (the partial rank correlation); nil where the single
  /// effect decides all.
  func agreementBeyondSingle(_ screen: InteractionScreen) throws -> Double? {
    let players = players(screen)
    let (values, missed, singles) = (players.map(\.value), players.map(\.missed), players.map(\.single))
    guard players.count > 3, let both = try spearman(values, missed),
      let first = try spearman(values, singles),
      let second = try spearman(missed, singles)
    else { return nil }
    let rest = (1 - first * first) * (1 - second * second)
    return rest > 1e-9 ? (both - first * second) / rest.squareRoot() : nil
  }

  /// What is missed of the player whom a screen puts first, in units of the effect; the mean over players that share the first place.
  func missedByFirst(_ screen: InteractionScreen) -> Double? {
    let players = players(screen)
    guard let most = players.map(\.value).max() else { return nil }
    return Statistics.mean(players.filter { $0.value == most }.map(\.missed))
  }

  /// The share of the variance over all coalitions that is explained by the closest function in which at most `order` players act together. Nil if
  /// all worths are equal.
  func explained(order: Int) -> Double? {
    var (squares, residuals) = (0.0, 0.0)
    for (seen, judged) in halves {
      let center = Statistics.mean(judged.worths) ?? 0
      for (worth, predicted) in zip(judged.worths, seen.closest(order: order)) {
        squares += (worth - center) * (worth - center)
        residuals += (worth - predicted) * (worth - predicted)
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
