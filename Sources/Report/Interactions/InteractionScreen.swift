import Statistics

/// A way to tell, from few joint ablations, which components cover for others. Each gives a number for every player of a game: the larger,
/// the more the player's single effect is thought to hide.
package enum InteractionScreen: String, CaseIterable, Codable, Sendable {
  /// The single effect itself, which others are compared with.
  case single
  /// Half of the sum of the interactions with each other player. It is the Shapley value minus the single effect if players interact in
  /// pairs only.
  case pairSum = "pair_sum"
  /// The largest interaction with another player.
  case pairMaximum = "pair_maximum"
  /// How much the effect grows when all others are ablated. Of noising and denoising it is the difference of the two effects, which
  /// arXiv:2606.27510 calls interaction.
  case withRest = "with_rest"
  /// How much the effect grows when the primary players are ablated, those with the largest single effects: conditional co-ablation,
  /// arXiv:2607.01940, which measures the growth in the distance of output distributions instead.
  case coAblation = "co_ablation"

  /// [players]
  func values(_ game: CoalitionGame) -> [Double] {
    let players = 0..<game.players
    return players.map { player in
      let others = players.filter { $0 != player }
      switch self {
      case .single: return game.single(player)
      case .pairSum: return others.reduce(0) { $0 + game.interaction(player, $1) } / 2
      case .pairMaximum: return others.map { game.interaction(player, $0) }.max() ?? 0
      case .withRest: return game.growth(of: player, after: game.everyone)
      case .coAblation: return game.growth(of: player, after: Self.primary(of: game))
      }
    }
  }

  /// The number of ablations, joint or single, that the screen takes for a number of players.
  func ablations(players: Int) -> Int {
    switch self {
    case .single: players
    case .pairSum, .pairMaximum: players + players * (players - 1) / 2
    case .withRest: 2 * players + 1
    // For a primary player the coalition is the others of them.
    case .coAblation: 2 * players + 1
    }
  }

  /// The coalition of the players with the largest single effects: three of ten, one of four.
  static func primary(of game: CoalitionGame) -> Int {
    let order = (0..<game.players).sorted { (-game.single($0), $0) < (-game.single($1), $1) }
    return order.prefix(max(1, 3 * game.players / 10)).reduce(0) { $0 | 1 << $1 }
  }

  /// What readers see.
  var title: String {
    switch self {
    case .single: "single effect"
    case .pairSum: "interactions of pairs, summed"
    case .pairMaximum: "largest interaction of a pair"
    case .withRest: "growth with all others ablated"
    case .coAblation: "growth with the primary ones ablated"
    }
  }
}

/// What every coalition says about a player and no screen knows.
package enum HiddenEffect: String, CaseIterable, Codable, Sendable {
  /// The Shapley value minus the single effect: what the single effect misses on average over orders.
  case missed
  /// The largest effect after any coalition minus the single effect.
  case greatestGrowth = "greatest_growth"

  /// [players]
  func values(_ game: CoalitionGame) -> [Double] {
    let shapley = game.shapleyValues
    return (0..<game.players).map { player in
      switch self {
      case .missed: shapley[player] - game.single(player)
      case .greatestGrowth: game.greatestEffect(of: player) - game.single(player)
      }
    }
  }
}
