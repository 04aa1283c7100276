import Tasks
import Transformer

/// Edge attribution patching of every edge, EAP and EAP-IG, as means over samples. Batches are added one after another, and no
/// sample's values are kept.
package struct EdgeScores: Sendable {
  /// The ways in which edges are scored; raw values are names in files.
  package enum Score: String, CaseIterable, Sendable {
    case eap
    case eapIG = "eap_ig"
  }

  package let writers: [Edge.Writer]
  package let readers: [Edge.Reader]
  package private(set) var samples = 0
  /// [writer, reader], sums over samples of values and of their squares.
  package private(set) var sums: [Score: (values: [Double], squares: [Double])]

  /// Of no sample.
  package init(_ configuration: ModelConfiguration) {
    writers = Edge.Writer.all(of: configuration)
    readers = Edge.Reader.all(of: configuration)
    let zeros = [Double](repeating: 0, count: writers.count * readers.count)
    sums = Dictionary(uniqueKeysWithValues: Score.allCases.map { ($0, (zeros, zeros)) })
  }

  /// Of one batch.
  ///
  /// - Parameter corrupted: a partner for each sequence, of the same length and with targets at the same positions.
  /// - Throws: what `EdgeAttribution` throws.
  package init(
    _ transformer: Transformer, _ sequences: [TokenSequence], corrupted: [TokenSequence],
    metric: GradientMetric = .targetLogProbability
  ) throws {
    self.init(transformer.configuration)
    samples = sequences.count
    let both = try EdgeAttribution.both(transformer, sequences, corrupted: corrupted, metric: metric)
    for (score, found) in [(Score.eap, both.eap), (.eapIG, both.integrated)] {
      let values = found.values.joined()
      sums[score] = (
        values.map { $0.reduce(0, +) }, values.map { $0.reduce(0) { $0 + $1 * $1 } }
      )
    }
  }

  /// Of samples that were summed before.
  ///
  /// - Parameter sums: [writer, reader] for every score.
  package init(
    _ configuration: ModelConfiguration, samples: Int, sums: [Score: (values: [Double], squares: [Double])]
  ) {
    self.init(configuration)
    self.samples = samples
    self.sums = sums
  }

  package mutating func add(_ other: EdgeScores) {
    samples += other.samples
    for (score, (values, squares)) in other.sums {
      guard let own = sums[score] else { continue }
      sums[score] = (zip(own.values, values).map(+), zip(own.squares, squares).map(+))
    }
  }

  /// The first edge with a score that is not finite.
  package var nonFinite: (edge: Edge, score: Score, value: Double)? {
    for score in Score.allCases {
      guard let found = sums[score],
        let place = found.squares.firstIndex(where: { !$0.isFinite })
      else { continue }
      let edge = Edge(writers[place / readers.count], readers[place % readers.count])
      return (edge, score, found.values[place])
    }
    return nil
  }

  /// One edge with its scores.
  package struct Row: Sendable {
    package let edge: Edge
    /// For each score, the mean over samples and its standard error; no error for a single sample.
    package let scores: [Score: (mean: Double, error: Double?)]
  }

  /// Every edge, by writer.
  package func rows(in configuration: ModelConfiguration) -> [Row] {
    let count = Double(samples)
    return writers.enumerated().flatMap { w, writer in
      readers.enumerated().compactMap { r, reader in
        let edge = Edge(writer, reader)
        guard edge.exists(in: configuration) else { return nil }
        let place = w * readers.count + r
        return Row(
          edge: edge,
          scores: sums.mapValues { sums in
            let mean = sums.values[place] / count
            let variance = max(0, sums.squares[place] - count * mean * mean) / (count - 1)
            return (mean, samples > 1 ? (variance / count).squareRoot() : nil)
          })
      }
    }
  }

  /// The number of sequences in a batch, so that the changes of all writers, and the logits, take at most 128 MiB each; at least
  /// one.
  ///
  /// - Parameter tokens: those of the longest sequence.
  package static func batchSize(_ configuration: ModelConfiguration, tokens: Int) -> Int {
    let writers = configuration.layers * (configuration.heads + 1) + 1
    let sequence = max(tokens, 1).saturatingProduct(
      with: writers.saturatingProduct(with: configuration.dModel))
    let logits = max(tokens, 1).saturatingProduct(with: configuration.vocabulary)
    return max(1, min((1 << 24) / sequence, (1 << 25) / logits))
  }
}
