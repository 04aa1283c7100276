/// A game of a few players in which the worth of every coalition is known, so that everything about how they stand in for each
/// other follows exactly: single effects, interactions, effects after others were removed, Shapley values.
///
/// A coalition is a number; its bit i says whether player i belongs to it.
///
/// ```swift
/// let game = try CoalitionGame([0, 0, 0, 1])     // two players, each of whom covers for the other
/// game.single(0)                                 // 0
/// game.effect(of: 0, after: 0b10)                // 1
/// game.shapleyValues                             // [0.5, 0.5]
/// ```
package struct CoalitionGame: Sendable {
  /// The largest number of players.
  package static let mostPlayers = 16

  package let players: Int
  /// [2^players]: the worth of each coalition, in ascending order.
  package let worths: [Double]

  /// - Parameter worths: 2ⁿ finite numbers for n players, where n is 1 to 16.
  /// - Throws: `StatisticsError` for another count, or for a value that is not finite.
  package init(_ worths: [Double]) throws(StatisticsError) {
    players = worths.count.trailingZeroBitCount
    guard worths.count.nonzeroBitCount == 1, (1...Self.mostPlayers).contains(players) else {
      throw .outOfRange("the number of coalitions", Double(worths.count))
    }
    try requireFinite(worths)
    self.worths = worths
  }

  /// The coalition of all players.
  package var everyone: Int { worths.count - 1 }

  /// The worth of the player alone, over that of nobody.
  package func single(_ player: Int) -> Double { effect(of: player, after: 0) }

  /// What the player adds to a coalition; whether the player belongs to it already makes no difference.
  package func effect(of player: Int, after coalition: Int) -> Double {
    worths[coalition | 1 << player] - worths[coalition & ~(1 << player)]
  }

  /// How much more the player adds to a coalition than alone. It is positive if the coalition covers for the player.
  package func growth(of player: Int, after coalition: Int) -> Double {
    effect(of: player, after: coalition) - single(player)
  }

  /// What two different players add together beyond what each adds alone.
  package func interaction(_ one: Int, _ other: Int) -> Double { growth(of: one, after: 1 << other) }

  /// The coalition of the players with the largest single effects, which others may cover for: three of ten, one of four.
  package var primary: Int {
    let order = (0..<players).sorted { (-abs(single($0)), $0) < (-abs(single($1)), $1) }
    return order.prefix(Self.primaryCount(players: players)).reduce(0) { $0 | 1 << $1 }
  }

  /// The number of primary players: at least one.
  package static func primaryCount(players: Int) -> Int { max(1, 3 * players / 10) }

  /// Each player's mean contribution over all orders in which the coalition of all can form. They sum to the worth of all minus that of
  /// nobody.
  ///
  /// Source: L. S. Shapley, "A Value for n-Person Games" (1953).
  package var shapleyValues: [Double] {
    // s!·(n − s − 1)!/n!, where s is the size of the coalition.
    var weights = [Double](repeating: 1 / Double(players), count: players)
    for size in weights.indices.dropFirst() {
      weights[size] = weights[size - 1] * Double(size) / Double(players - size)
    }
    return (0..<players).map { player in
      worths.indices.filter { $0 >> player & 1 == 0 }.reduce(0) { sum, coalition in
        sum + weights[coalition.nonzeroBitCount] * effect(of: player, after: coalition)
      }
    }
  }

  /// [2^players]: the worths of the function that comes closest to the game (least squares over all coalitions) among those in which at most
  /// `order` players act together: 1 adds up players, 2 adds up pairs as well.
  ///
  /// It is the game's Walsh transform without the coefficients of larger sets. Source: P. L. Hammer and R. Holzman, "Approximations of
  /// Pseudo-Boolean Functions; Applications to Game Theory", ZOR 36 (1992).
  package func closest(order: Int) -> [Double] {
    let scale = 1 / Double(worths.count)
    var coefficients = Self.walshTransform(worths)
    for set in coefficients.indices {
      coefficients[set] *= set.nonzeroBitCount <= order ? scale : 0
    }
    return Self.walshTransform(coefficients)
  }

  /// Σ over coalitions of worth · (−1)^(members in common with the set), for every set.
  private static func walshTransform(_ values: [Double]) -> [Double] {
    var values = values
    var width = 1
    while width < values.count {
      for place in values.indices where place & width == 0 {
        let (without, with) = (values[place], values[place | width])
        (values[place], values[place | width]) = (without + with, without - with)
      }
      width *= 2
    }
    return values
  }
}
