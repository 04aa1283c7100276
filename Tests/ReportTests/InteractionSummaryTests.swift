import Records
import Safetensors
import Statistics
import TestModels
import TestSupport
import Testing

@testable import Report

@Suite("How components act together") struct InteractionSummaryTests {
  @Test("is what independent definitions say of every coalition, screen by screen")
  func screens() throws {
    let file = try Fixtures.tensors("small_interactions.safetensors")
    func values(_ name: String) throws -> [Double] { try file.floats(named: name).map(Double.init) }
    let sequences = try file.shape(of: "worths")[1]
    let worths = try values("worths")
    let game = try CoalitionGame(
      stride(from: 0, to: worths.count, by: sequences).map {
        worths[$0..<$0 + sequences].reduce(0, +) / Double(sequences)
      })
    let expected: [InteractionScreen: [Double]] = [
      .smallestSingle: try values("single").map { -$0 }, .pairSum: try values("pair_sum"),
      .pairMaximum: try values("pair_maximum"), .withRest: try values("with_rest"),
      .coAblation: try values("co_ablation"), .everyCoalition: try values("missed"),
    ]
    for screen in InteractionScreen.allCases {
      let (found, expected) = (screen.values(game), try #require(expected[screen]))
      // The oracle has a value for the primary player, too.
      let spoken = found.indices.filter { found[$0] != nil }
      let error = relativeError(spoken.map { found[$0] ?? .nan }, spoken.map { expected[$0] })
      #expect(error <= 1e-5, "\(screen): \(error)")
      #expect(spoken.count == found.count - (screen == .coAblation ? 1 : 0))
    }
  }

  /// Player 0 is the primary one, and player 1 its backup, which also stands in for player 2; player 3 acts alone.
  private func record(seed: Int, noise: Double = 0) -> InteractionRecord {
    var random = Synthetic(UInt64(seed))
    func half() -> [Double] {
      (0..<16).map { coalition in
        let has = (0..<4).map { coalition >> $0 & 1 == 1 }
        return (has[0] ? 0.5 : 0) + (has[0] && has[1] ? 1 : 0) + (has[1] && has[2] ? 0.25 : 0)
          + (has[2] ? 0.25 : 0) + (has[3] ? 0.125 : 0)
          + (coalition == 0 ? 0 : noise * random.normal())
      }
    }
    let worths = [
      RecordNames.Effect.logProbability, RecordNames.Effect.exactMatch,
    ].map { InteractionRecord.Worths(effect: $0, first: half(), second: half()) }
    let players = ["L0_H0", "L1_H0", "L1_H1", "L1_MLP"]
    return InteractionRecord(
      task: "sort", seed: seed, device: .init(selector: "cpu", name: "test", kind: "cpu"), versions: [:],
      length: 9, samples: 100,
      games: [
        .init(name: InteractionRecord.GameName.strongest, players: players, worths: worths),
        .init(name: InteractionRecord.GameName.layer(0), players: players, worths: worths),
      ],
      interpolation: .init(
        primary: ["L0_H0"], components: ["L1_H0", "L1_H1"], shares: [0.5, 1],
        growth: [[0.25, 1], [-0.25, 0]]),
      seconds: 1)
  }

  @Test("tells the screen that finds a backup from one that does not, and what pairs explain")
  func backup() throws {
    let found = try #require(try InteractionSummary.all((0..<12).map { record(seed: $0) }).first)
    #expect(found.task == "sort" && found.seeds == 12)
    func row(_ screen: InteractionScreen) throws -> InteractionSummary.ScreenRow {
      try #require(found.screens.first { $0.screen == screen })
    }
    // Of player 1, whose single effect is 0, most is missed: half of both interactions.
    for screen in [InteractionScreen.pairSum, .coAblation, .everyCoalition] {
      #expect(try row(screen).missedByFirst.mean == 0.625, "\(screen)")
    }
    #expect(try row(.pairSum).missed.mean == 1 && row(.everyCoalition).missed.mean == 1)
    #expect(try row(.coAblation).ablations == 7 && row(.everyCoalition).ablations == 15)
    let (single, beyond) = (try row(.smallestSingle).missed.mean, try row(.pairSum).beyondSingle.mean)
    #expect(try close(single, 0.2) && #require(beyond) > 0.99)
    let orders = found.orders.filter { $0.game == .strongest }
    let alone = try #require(orders.first { $0.order == 1 }?.explained.mean)
    let withPairs = try #require(orders.first { $0.order == 2 }?.explained.mean)
    #expect(alone > 0.5 && alone < 0.95 && abs(withPairs - 1) <= 1e-12)
    #expect(found.distances.map(\.share) == [0.5, 1])
    #expect(found.distances.map(\.size.mean) == [0.5, 1])
  }

  @Test("ranks screens within each game as well, where the scale of a game does not matter")
  func withinGames() throws {
    var record = record(seed: 1)
    // The same game at another scale: over both games a small effect tells where less is missed.
    var other = record.games[1]
    other.name = InteractionRecord.GameName.layer(1)
    for effect in other.worths.indices {
      other.worths[effect].first = other.worths[effect].first.map { 16 * $0 }
      other.worths[effect].second = other.worths[effect].second.map { 16 * $0 }
    }
    record.games.append(other)
    let found = try #require(try InteractionSummary.all([record]).first)
    func row(_ kind: GameKind) throws -> InteractionSummary.ScreenRow {
      try #require(found.screens.first { $0.screen == .smallestSingle && $0.game == kind })
    }
    let (strongest, heads) = (try row(.strongest), try row(.heads))
    #expect(strongest.missed == strongest.missedWithinGame)
    #expect(heads.missedWithinGame.mean == strongest.missed.mean)
    #expect(try #require(heads.missed.mean) < #require(heads.missedWithinGame.mean) - 0.1)
  }

  @Test("has what the classes of each score cost together, without seeds with a single component")
  func classes() throws {
    let records = (0..<10).map { seed -> InteractionRecord in
      var record = record(seed: seed)
      func set(_ components: [String], joint: Double, sum: Double) -> RunRecord.JointEffect {
        RunRecord.JointEffect(
          name: RecordNames.ComponentSet.allBloats, components: components,
          effect: RecordNames.Effect.exactMatch, joint: joint, jointStandardError: 0.01, sumOfSingles: sum,
          sumStandardError: 0.01, inDistribution: nil)
      }
      record.classes = .init(
        samples: 2000,
        scores: [
          .init(score: "frobenius", sets: seed == 0 ? [set(["L0_H0"], joint: 9, sum: 9)] : []),
          .init(
            score: "rms", sets: [set(["L0_H0", "L1_H1"], joint: 0.5 + 0.01 * Double(seed % 2), sum: 0.25)]),
        ])
      return record
    }
    // A record of an earlier version does not have them.
    let found = try #require(try InteractionSummary.all(records + [record(seed: 10)]).first)
    #expect(found.classes.map(\.score) == ["frobenius", "rms"])
    let (single, both) = (found.classes[0].effects, found.classes[1].effects)
    #expect(single.seeds == 0 && single.singletons == 1 && single.joint.mean == nil)
    #expect(both.seeds == 10 && both.joint.count == 10)
    #expect(close(both.joint.mean, 0.505) && close(both.ratio, 2.02))
    let text = found.tables.text
    #expect(text.contains("frobenius, all_bloats, exact_match: 1 seed with a single component excluded"))
    #expect(try InteractionSummary.all([record(seed: 10)])[0].tables.count == 3)
  }

  @Test("finds nothing in noise, because screens are judged on other samples than they see")
  func noise() throws {
    let records = (0..<300).map { seed in
      var record = record(seed: seed)
      var random = Synthetic(UInt64(1000 + seed))
      for game in record.games.indices {
        for effect in record.games[game].worths.indices {
          record.games[game].worths[effect].first = [0] + random.normals(15)
          record.games[game].worths[effect].second = [0] + random.normals(15)
        }
      }
      return record
    }
    let found = try #require(try InteractionSummary.all(records).first)
    // Rho over four players has a standard deviation of 1/√3, so these are four and a half standard errors.
    for row in found.screens {
      let mean = try #require(row.missed.mean)
      #expect(abs(mean) <= 0.15, "\(row.game), \(row.effect), \(row.screen): \(mean)")
      if let beyond = row.beyondSingle.mean { #expect(abs(beyond) <= 0.2, "\(row.screen): \(beyond)") }
    }
  }

  @Test("is a table for each question, with a row for each screen")
  func tables() throws {
    let found = try #require(try InteractionSummary.all((0..<3).map { record(seed: $0, noise: 0.1) }).first)
    #expect(found.tables[0].rows.count == 2 * 2 * InteractionScreen.allCases.count)
    let text = found.tables.text
    #expect(text.contains("growth with the primary ones ablated") && text.contains("3 seeds"))
  }
}
