/// How much a measurement of interactions measures.
package struct InteractionCounts: Sendable, Equatable {
  /// Pairs of sequences; screens are computed on the first half of them, and judged on the second.
  package var samples: Int
  /// The components of a game: the strongest of the model, or of a layer's heads. There are 2^players coalitions.
  package var players: Int
  /// How far a component is moved towards its mean.
  package var shares = [0.125, 0.25, 0.5, 1]
  /// The first of the samples, on which components are moved.
  package var interpolationSamples = 200
  /// The number of samples that are evaluated between two checks for a stop.
  package var chunk = 125

  package init(samples: Int = 500, players: Int = 10) {
    (self.samples, self.players) = (samples, players)
  }
}
