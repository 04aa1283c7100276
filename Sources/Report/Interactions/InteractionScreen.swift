import Statistics

/// A way to tell, from some joint ablations, of which components the single effect misses most. Each gives a number for a player of a game:
/// the larger, the more is thought to be missed.
package enum InteractionScreen: String, CaseIterable, Codable, Sendable {
  /// The smallest single effect first. Whatever is missed of a component's share, a small single effect makes it larger, so that the other screens have
  /// to do better than this.
  case smallestSingle = "smallest_single"
  /// Half of the sum of the interactions with each other player. It is what is missed if players interact in pairs only.
  case pairSum = "pair_sum"
  /// The largest interaction with another player.
  case pairMaximum = "pair_maximum"
  /// How much the effect grows when all other players are ablated. For the whole model it is the denoising effect minus the noising effect, which
  /// arXiv:2606.27510 calls interaction.
  case withRest = "with_rest"
  /// How much the effect grows when the primary players are ablated, those with the largest single effects: conditional co-ablation,
  /// arXiv:2607.01940, which measures the growth in the distance of output distributions instead. It says nothing about the primary players.
  case coAblation = "co_ablation"
  /// What is missed, from every coalition: how well the other half of the samples can be agreed with at best.
  case everyCoalition = "every_coalition"

  /// [players]: nil for a player of whom the screen says nothing.
  func values(_ game: CoalitionGame) -> [Double?] {
    let players = 0..<game.players
    let (primary, missed) = (game.primary, game.missed)
    return players.map { player in
      let others = players.filter { $0 != player }
      switch self {
      case .smallestSingle: return -game.single(player)
      case .pairSum: return others.reduce(0) { $0 + game.interaction(player, $1) } / 2
      case .pairMaximum: return others.map { game.interaction(player, $0) }.max()
      case .withRest: return game.growth(of: player, after: game.everyone)
      case .coAblation: return primary >> player & 1 == 1 ? nil : game.growth(of: player, after: primary)
      case .everyCoalition: return missed[player]
      }
    }
  }

  /// The number of ablations, joint or single, that the screen takes for a number of players.
  func ablations(players: Int) -> Int {
    let all = 1 << players - 1
    return switch self {
    case .smallestSingle: players
    case .pairSum, .pairMaximum: players + players * (players - 1) / 2
    // Each alone, all but each, and all; of two players, all but one is one alone.
    case .withRest: min(all, 2 * players + 1)
    case .coAblation: min(all, 2 * players - (CoalitionGame.primaryCount(players: players) == 1 ? 1 : 2))
    case .everyCoalition: all
    }
  }

  /// What readers see.
  var title: String {
    switch self {
    case .smallestSingle: "smallest single effect"
    case .pairSum: "interactions of pairs, summed"
    case .pairMaximum: "largest interaction of a pair"
    case .withRest: "growth with all others ablated"
    case .coAblation: "growth with the primary ones ablated"
    case .everyCoalition: "every coalition"
    }
  }
}

extension CoalitionGame {
  /// [players]: what single effects miss of each player's share, the Shapley value minus the single effect.
  var missed: [Double] { zip(shapleyValues, 0..<players).map { $0 - single($1) } }
}
