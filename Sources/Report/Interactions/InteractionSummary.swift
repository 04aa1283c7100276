import Records
import Statistics

/// How components act together, over the seeds of one task.
package struct InteractionSummary: Codable, Sendable, Equatable {
  package var task: String
  package var seeds: Int
  package var screens: [ScreenRow]
  package var orders: [OrderRow]
  package var distances: [DistanceRow]
  package var classes: [ClassRow]

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
        orders += [1, 2].map { OrderRow(kind, effect, order: $0, games, draws) }
      }
    }
    distances = DistanceRow.all(records.map(\.interpolation), draws)
    classes = ClassRow.all(records.compactMap(\.classes), draws)
  }

  /// How well a screen finds what single effects miss.
  package struct ScreenRow: Codable, Sendable, Equatable {
    package var game: GameKind
    package var effect: String
    package var screen: InteractionScreen
    /// The ablations that the screen takes for all games of a model.
    package var ablations: Int
    /// The mean over seeds of the rank correlation with what single effects miss.
    package var missed: SeedMean
    /// The same within each game, averaged over a model's games.
    package var missedWithinGame: SeedMean
    /// The same, over all games, among components with equal single effects.
    package var beyondSingle: SeedMean
    /// What is missed of the component that the screen puts first, in units of the effect.
    package var missedByFirst: SeedMean

    init(
      _ screen: InteractionScreen, _ kind: GameKind, _ effect: String, _ games: [MeasuredGames],
      _ draws: ReportDraws
    ) throws {
      (game, self.effect, self.screen) = (kind, effect, screen)
      ablations = games[0].halves.reduce(0) { $0 + screen.ablations(players: $1.seen.players) }
      missed = SeedMean(
        try games.compactMap { try $0.agreement(screen) }, bounds: SeedMean.correlation, draws)
      missedWithinGame = SeedMean(
        try games.compactMap { try $0.agreementWithinGames(screen) }, bounds: SeedMean.correlation, draws)
      beyondSingle = SeedMean(
        try games.compactMap { try $0.agreementBeyondSingle(screen) }, bounds: SeedMean.correlation, draws)
      missedByFirst = SeedMean(
        games.compactMap { $0.missedByFirst(screen) }, bounds: SeedMean.bounds(ofEffect: effect), draws)
    }

    private enum CodingKeys: String, CodingKey {
      case game, effect, screen, ablations, missed
      case missedWithinGame = "missed_within_game"
      case beyondSingle = "beyond_single"
      case missedByFirst = "missed_by_first"
    }
  }

  /// How much of what coalitions do is the sum of what their members, or their pairs, do.
  package struct OrderRow: Codable, Sendable, Equatable {
    package var game: GameKind
    package var effect: String
    /// The number of players that act together: 1 or 2.
    package var order: Int
    /// The share of the variance over coalitions that the closest such function explains.
    package var explained: SeedMean

    init(_ kind: GameKind, _ effect: String, order: Int, _ games: [MeasuredGames], _ draws: ReportDraws) {
      (game, self.effect, self.order) = (kind, effect, order)
      explained = SeedMean(
        games.compactMap { $0.explained(order: order) }, bounds: -Double.infinity...1, draws)
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
        return DistanceRow(share: share, size: SeedMean(values, bounds: 0...Double.infinity, draws))
      }
    }
  }
}
