import RandomStreams
import Statistics

/// The random draws behind intervals and p-values. Every estimate starts a new stream from a fixed seed, so
/// the same records give the same report, and no estimate depends on another.
///
/// Estimates of equally many seeds therefore use the same draws, which are made once and shared by all copies of a value.
package struct ReportDraws: Sendable, Equatable {
  package static let seed: UInt64 = 2602
  /// The resamples of a bootstrap over seeds (its coverage was simulated with 999; a report has thousands of
  /// estimates).
  package let resamples: Int
  /// The draws of a permutation test.
  package let permutations: Int
  /// The simulated studies behind a power.
  package let simulations: Int
  /// Hears how far the estimates are.
  let work: ReportWork
  private let shared = SharedDraws()

  package init(
    resamples: Int = 1_999, permutations: Int = 19_999, simulations: Int = 1_000, work: ReportWork = .init()
  ) {
    self.simulations = simulations
    self.resamples = resamples
    self.permutations = permutations
    self.work = work
  }

  package static func == (one: ReportDraws, other: ReportDraws) -> Bool {
    (one.resamples, one.permutations, one.simulations) == (
      other.resamples, other.permutations, other.simulations
    )
  }

  /// The bootstrap resamples of a number of seeds.
  func resamples(of count: Int) -> Resamples {
    shared.resamples.value(count, bytes: \.byteCount) {
      var generator = bootstrap
      return Resamples(count: count, resamples: resamples, using: &generator)
    }
  }

  /// The patterns of a sign-flip test of a number of seeds.
  func signPatterns(of count: Int) -> SignPatterns {
    shared.signs.value(count, bytes: \.byteCount) {
      var generator = permutation
      return SignPatterns(count: count, draws: permutations, using: &generator)
    }
  }

  /// The distribution of the dip of a number of uniform values.
  func dips(of count: Int) throws(StatisticsError) -> DipNullDistribution {
    try shared.dips.value(count, bytes: { _ in 8 * resamples }) { () throws(StatisticsError) in
      var generator = bootstrap
      return try DipNullDistribution(count: count, draws: resamples, using: &generator)
    }
  }

  private var bootstrap: CounterStream { CounterStream(seed: Self.seed, purpose: .bootstrap) }
  var permutation: CounterStream { CounterStream(seed: Self.seed, purpose: .permutation) }
  var simulation: CounterStream { CounterStream(seed: Self.seed, purpose: .power) }
}

/// Draws that were made before.
private final class SharedDraws: Sendable {
  let resamples = Kept<Resamples>()
  let signs = Kept<SignPatterns>()
  let dips = Kept<DipNullDistribution>()
}
