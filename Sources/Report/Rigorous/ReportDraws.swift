import RandomStreams

/// The random draws behind intervals and p-values. Every estimate starts a new stream from a fixed seed, so
/// the same records give the same report, and no estimate depends on another.
package struct ReportDraws: Sendable, Equatable {
  package static let seed: UInt64 = 2602
  /// The resamples of a bootstrap over seeds (its coverage was simulated with 999; a report has thousands of
  /// estimates).
  package var resamples: Int
  /// The draws of a permutation test.
  package var permutations: Int

  package init(resamples: Int = 1_999, permutations: Int = 19_999) {
    self.resamples = resamples
    self.permutations = permutations
  }

  var bootstrap: CounterStream { CounterStream(seed: Self.seed, purpose: .bootstrap) }
  var permutation: CounterStream { CounterStream(seed: Self.seed, purpose: .permutation) }
}
