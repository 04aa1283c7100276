import RandomStreams
import Statistics

/// Shapley values of a game in which the worth of a coalition is a vector, with one column for each value of
/// interest, such as the outcome of a sample.
///
/// Source: L. S. Shapley, "A Value for n-Person Games" (1953); sampling by permutations: J. Castro, D. Gómez,
/// J. Tejada, Computers & Operations Research 36 (2009); a permutation and its reverse as an antithetic pair:
/// R. Mitchell, J. Cooper, E. Frank, G. Holmes, JMLR 23 (2022).
package struct ShapleyValues: Sendable {
  /// Gives the worth of coalitions, [coalitions][columns]. Each coalition lists its players in ascending
  /// order.
  package typealias Game = ([[Int]]) throws -> [[Double]]

  /// [antithetic pairs][players][columns]: mean marginal contributions in a permutation and its reverse.
  package let pairs: [[[Double]]]

  /// [players][columns]: means over the pairs. In every column they sum to the worth of all players minus
  /// that of none, up to rounding.
  package var values: [[Double]] {
    guard let first = pairs.first else { return [] }
    return first.indices.map { player in
      first[player].indices.map { column in
        pairs.reduce(0) { $0 + $1[player][column] } / Double(pairs.count)
      }
    }
  }

  /// Draws antithetic pairs of permutations and averages the players' contributions in them.
  ///
  /// - Parameters:
  ///   - pairs: at least 1. Each needs up to 2·(players − 1) coalitions in addition to the empty and the full
  ///     one.
  ///   - game: called once, with each distinct coalition once.
  package init(
    players: Int, pairs: Int, from stream: inout some RandomStream, game: Game
  ) throws {
    let orders = (0..<max(pairs, 1)).flatMap { _ -> [[Int]] in
      var order = Array(0..<players)
      for i in order.indices.dropLast() { order.swapAt(i, stream.integer(in: i..<players)) }
      return [order, order.reversed()]
    }
    var indices: [[Int]: Int] = [:]
    var coalitions: [[Int]] = []
    // For each permutation, the coalitions on its way from none to all.
    let paths = orders.map { order in
      (0...players).map { count -> Int in
        let coalition = order.prefix(count).sorted()
        if let index = indices[coalition] { return index }
        indices[coalition] = coalitions.count
        coalitions.append(coalition)
        return coalitions.count - 1
      }
    }
    let worths = try Self.worths(of: coalitions, game)
    self.pairs = stride(from: 0, to: orders.count, by: 2).map { first in
      var contributions = [[Double]](
        repeating: [Double](repeating: 0, count: worths[0].count), count: players)
      for permutation in first...first + 1 {
        for (place, player) in orders[permutation].enumerated() {
          let (before, after) = (worths[paths[permutation][place]], worths[paths[permutation][place + 1]])
          for column in before.indices {
            contributions[player][column] += (after[column] - before[column]) / 2
          }
        }
      }
      return contributions
    }
  }

  /// [players]: the standard error, from drawing permutations, of each player's mean value over some columns.
  /// It is estimated from the differences between pairs; nil for fewer than two pairs.
  package func standardErrors(ofColumns columns: Range<Int>) -> [Double]? {
    guard pairs.count > 1, let players = pairs.first?.count, !columns.isEmpty else { return nil }
    return (0..<players).map { player in
      let means = pairs.map { pair in
        pair[player][columns].reduce(0, +) / Double(columns.count)
      }
      return standardErrorOfMean(means) ?? 0
    }
  }

  /// Exact values from all 2ⁿ coalitions: [players][columns].
  ///
  /// - Parameter players: at most `CoalitionGame.mostPlayers`.
  /// - Throws: `ImportanceError.mismatch` for more.
  package static func exact(players: Int, game: Game) throws -> [[Double]] {
    guard (1...CoalitionGame.mostPlayers).contains(players) else {
      throw ImportanceError.mismatch(
        "exact Shapley values are for 1 to \(CoalitionGame.mostPlayers) players, not \(players)")
    }
    let coalitions = (0..<1 << players).map { mask in (0..<players).filter { mask >> $0 & 1 == 1 } }
    let worths = try worths(of: coalitions, game)
    let columns = try worths[0].indices.map { column in
      try CoalitionGame(worths.map { $0[column] }).shapleyValues
    }
    return (0..<players).map { player in columns.map { $0[player] } }
  }

  private static func worths(of coalitions: [[Int]], _ game: Game) throws -> [[Double]] {
    let worths = try game(coalitions)
    guard worths.count == coalitions.count, let first = worths.first,
      worths.allSatisfy({ $0.count == first.count })
    else { throw ImportanceError.mismatch("a game gives every coalition a worth of as many columns") }
    return worths
  }
}
