import Statistics
import Testing

@Suite("A game with every coalition") struct CoalitionGameTests {
  /// [2^players] from the members of each coalition.
  private func game(_ players: Int, _ worth: ([Int]) -> Double) throws -> CoalitionGame {
    try CoalitionGame(
      (0..<1 << players).map { coalition in worth((0..<players).filter { coalition >> $0 & 1 == 1 }) })
  }

  @Test("of players who do not interact has their single effects everywhere")
  func additive() throws {
    let weights = [0.5, -2, 3, 0]
    let game = try game(4) { $0.reduce(7) { $0 + weights[$1] } }
    #expect(game.shapleyValues == weights && (0..<4).map(game.single) == weights)
    for player in 0..<4 {
      #expect(
        game.growth(of: player, after: 0b1010) == 0 && game.greatestEffect(of: player) == weights[player])
    }
    #expect((0..<16).allSatisfy { game.predicted($0, withPairs: false) == game.worths[$0] })
  }

  @Test("finds the player who covers for another, whom single effects hide")
  func backup() throws {
    // Either of the players 0 and 2 is enough; player 1 does a thing of its own.
    let game = try game(3) { members in
      (members.contains(0) && members.contains(2) ? 1 : 0) + (members.contains(1) ? 0.25 : 0)
    }
    #expect((0..<3).map(game.single) == [0, 0.25, 0])
    #expect(game.interaction(0, 2) == 1 && game.interaction(0, 1) == 0)
    #expect(game.effect(of: 2, after: 0b001) == 1 && game.effect(of: 2, after: 0b101) == 1)
    #expect(game.shapleyValues == [0.5, 0.25, 0.5])
    #expect(game.greatestEffect(of: 0) == 1)
    #expect(game.predicted(0b111, withPairs: false) == 0.25 && game.predicted(0b111, withPairs: true) == 1.25)
  }

  @Test(
    "is refused with a number of coalitions that no number of players has, and with worths that are no numbers"
  )
  func refused() {
    for count in [0, 1, 3, 6, 1 << 17] {
      #expect(throws: StatisticsError.self) {
        try CoalitionGame([Double](repeating: 0, count: count))
      }
    }
    #expect(throws: StatisticsError.notANumber(index: 2)) { try CoalitionGame([0, 1, .nan, 1]) }
  }
}
