/// How likely a two-sided test of a mean finds an effect of a given size, for values that spread like those at hand.
///
/// Values are drawn with replacement from the deviations from their mean, which are widened by √(n/(n−1)) because the mean was
/// fitted, and moved by the effect. Up to `mostForSignFlips` values the test is the sign-flip test that decides verdicts; above,
/// Student's t test, which agrees with it there and takes far less time.
package struct PowerSimulation: Sendable {
  /// [values]: deviations from the mean.
  private let deviations: [Double]
  private let effect: Double
  private let level: Double

  static let mostForSignFlips = 40
  /// The largest number of values that `countNeeded` tries.
  package static let mostCount = 2_000
  private static let flips = 1_999

  /// - Parameters:
  ///   - values: one per seed.
  ///   - effect: the mean that is to be found.
  ///   - level: the largest p that counts as found.
  /// - Returns: nil for fewer than two values, values that are all equal, or no effect.
  package init?(_ values: [Double], effect: Double, level: Double) {
    guard values.count > 1, effect != 0, let average = mean(values),
      values.contains(where: { $0 != values[0] })
    else { return nil }
    let widened = (Double(values.count) / Double(values.count - 1)).squareRoot()
    deviations = values.map { widened * ($0 - average) }
    (self.effect, self.level) = (effect, level)
  }

  /// The share of simulations in which a test of `count` values finds the effect; its standard error is at most 0.5/√simulations.
  package func power(
    count: Int, simulations: Int, using generator: inout some RandomNumberGenerator
  ) -> Double {
    let usesFlips = count <= Self.mostForSignFlips
    let patterns = usesFlips ? SignPatterns(count: count, draws: Self.flips, using: &generator) : nil
    let reach = usesFlips ? 0 : studentReach(level: 1 - level, degrees: count - 1)
    var found = 0
    var values = [Double](repeating: 0, count: count)
    for _ in 0..<simulations {
      for i in values.indices {
        values[i] = effect + deviations[Int.random(in: 0..<deviations.count, using: &generator)]
      }
      if let patterns {
        found += (try? signFlipIsSignificant(values, level: level) { _ in patterns }) == true ? 1 : 0
      } else if let average = mean(values), let error = standardErrorOfMean(values) {
        found += abs(average) > reach * error ? 1 : 0
      }
    }
    return Double(found) / Double(max(simulations, 1))
  }

  /// About how many values find the effect with a probability of `power`; nil if it takes more than `mostCount`.
  package func countNeeded(
    power wanted: Double = 0.8, from fewest: Int = 6, simulations: Int,
    using generator: inout some RandomNumberGenerator
  ) -> Int? {
    smallestCount(from: fewest, through: Self.mostCount) { count in
      power(count: count, simulations: simulations, using: &generator) >= wanted
    }
  }
}
