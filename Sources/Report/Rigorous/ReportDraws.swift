import RandomStreams

/// The random draws behind intervals and p-values. Every estimate starts its own stream anew from a fixed seed, so
/// the same records give the same report, and an estimate does not depend on the others.
package struct ReportDraws: Sendable, Equatable {
  package static let seed: UInt64 = 2602
  /// Of a bootstrap over seeds (its coverage was simulated with 999; there are thousands of estimates), and of a permutation
  /// test.
  package var resamples: Int
  package var permutations: Int

  package init(resamples: Int = 1_999, permutations: Int = 19_999) {
    self.resamples = resamples
    self.permutations = permutations
  }

  var bootstrap: CounterStream { CounterStream(seed: Self.seed, purpose: .bootstrap) }
  var permutation: CounterStream { CounterStream(seed: Self.seed, purpose: .permutation) }
}
