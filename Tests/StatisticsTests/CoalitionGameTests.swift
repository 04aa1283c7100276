import RandomStreams
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
      #expect(game.growth(of: player, after: 0b1010) == 0)
    }
    #expect(game.closest(order: 1) == game.worths && game.primary == 0b0100)
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
    #expect(game.closest(order: 2) == game.worths)
  }

  @Test("comes as close to a sum of players, or of pairs, as least squares can")
  func closest() throws {
    var stream = CounterStream(seed: 191, purpose: .validation)
    let game = try CoalitionGame((0..<32).map { _ in Double(stream.normal()) })
    for order in 1...2 {
      let found = game.closest(order: order)
      // The residual is orthogonal to every function of so few players: to a constant, to each member, to each pair.
      for set in 0..<32 where set.nonzeroBitCount <= order {
        let product = (0..<32).filter { $0 & set == set }.reduce(0) { $0 + game.worths[$1] - found[$1] }
        #expect(abs(product) <= 1e-12)
      }
      // And it is such a function itself: what more players add together is 0.
      for set in 0..<32 where set.nonzeroBitCount > order {
        let together = (0..<32).filter { $0 & ~set == 0 }.reduce(0.0) { sum, part in
          sum + ((set.nonzeroBitCount - part.nonzeroBitCount).isMultiple(of: 2) ? 1 : -1) * found[part]
        }
        #expect(abs(together) <= 1e-12)
      }
    }
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
