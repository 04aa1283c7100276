import Records
import Statistics

/// How components act together, over the seeds of one task.
package struct InteractionSummary: Codable, Sendable, Equatable {
  package var task: String
  package var seeds: Int
  package var screens: [ScreenRow]
  package var orders: [OrderRow]
  package var distances: [DistanceRow]

  /// A summary for each task, in the order of the records.
  ///
  /// - Throws: `StatisticsError` for records with worths that are not finite.
  package static func all(_ records: [InteractionRecord], draws: ReportDraws = .init()) throws
    -> [InteractionSummary]
  {
    try firstSeen(records.map(\.task)).map { task in
      try InteractionSummary(task, records.filter { $0.task == task }, draws)
    }
  }

  private init(_ task: String, _ records: [InteractionRecord], _ draws: ReportDraws) throws {
    self.task = task
    seeds = records.count
    (screens, orders) = ([], [])
    for kind in GameKind.allCases {
      for effect in [RecordNames.Effect.logProbability, RecordNames.Effect.exactMatch] {
        let games = try records.map { try MeasuredGames($0, kind, effect: effect) }.filter {
          !$0.halves.isEmpty
        }
        guard !games.isEmpty else { continue }
        screens += try InteractionScreen.allCases.map { try ScreenRow($0, kind, effect, games, draws) }
        orders += [false, true].map { OrderRow(kind, effect, withPairs: $0, games, draws) }
      }
    }
    distances = DistanceRow.all(records.map(\.interpolation), draws)
  }

  /// How well a screen finds what single effects hide.
  package struct ScreenRow: Codable, Sendable, Equatable {
    package var game: GameKind
    package var effect: String
    package var screen: InteractionScreen
    /// The ablations that the screen takes in one game.
    package var ablations: Int
    /// The mean over seeds of the rank correlation with what single effects miss.
    package var missed: SeedMean
    /// The same with the greatest growth.
    package var greatestGrowth: SeedMean
    /// The share of seeds in which the screen's first player is the one of whose effect most is missed.
    package var finds: SeedMean

    init(
      _ screen: InteractionScreen, _ kind: GameKind, _ effect: String, _ games: [MeasuredGames],
      _ draws: ReportDraws
    ) throws {
      (game, self.effect, self.screen) = (kind, effect, screen)
      ablations = screen.ablations(players: games[0].halves[0].seen.players)
      func mean(_ hidden: HiddenEffect) throws -> SeedMean {
        SeedMean(
          try games.compactMap { try $0.agreement(screen, hidden) }, bounds: SeedMean.correlation, draws)
      }
      missed = try mean(.missed)
      greatestGrowth = try mean(.greatestGrowth)
      finds = SeedMean(games.map { $0.finds(screen, .missed) ? 1 : 0 }, bounds: 0...1, draws)
    }

    private enum CodingKeys: String, CodingKey {
      case game, effect, screen, ablations, missed
      case greatestGrowth = "greatest_growth"
      case finds
    }
  }

  /// How much of what coalitions do is the sum of what their members, or their pairs, do.
  package struct OrderRow: Codable, Sendable, Equatable {
    package var game: GameKind
    package var effect: String
    package var withPairs: Bool
    /// The share of the variance of the coalitions' worths that is explained.
    package var explained: SeedMean

    init(
      _ kind: GameKind, _ effect: String, withPairs: Bool, _ games: [MeasuredGames], _ draws: ReportDraws
    ) {
      (game, self.effect, self.withPairs) = (kind, effect, withPairs)
      explained = SeedMean(games.compactMap { $0.explained(withPairs: withPairs) }, draws)
    }

    private enum CodingKeys: String, CodingKey {
      case game, effect
      case withPairs = "with_pairs"
      case explained
    }
  }

  /// How an interaction depends on the distance by which a component is moved.
  package struct DistanceRow: Codable, Sendable, Equatable {
    package var share: Double
    /// The sum over components of the interactions' sizes, as a share of the sum at the whole way.
    package var size: SeedMean

    static func all(_ found: [InteractionRecord.Interpolation], _ draws: ReportDraws) -> [DistanceRow] {
      firstSeen(found.flatMap(\.shares)).sorted().map { share in
        let values = found.compactMap { record -> Double? in
          guard let place = record.shares.firstIndex(of: share), let last = record.shares.indices.last
          else { return nil }
          let whole = record.growth.reduce(0) { $0 + abs($1[last]) }
          return whole > 0 ? record.growth.reduce(0) { $0 + abs($1[place]) } / whole : nil
        }
        return DistanceRow(share: share, size: SeedMean(values, draws))
      }
    }
  }
}
