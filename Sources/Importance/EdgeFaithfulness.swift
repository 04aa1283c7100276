import Statistics
import Transformer

/// How well circuits of the best edges do without the others, at the sizes of the benchmark MIB (arXiv:2504.13151, section 3.2).
package struct EdgeFaithfulness: Sendable {
  /// How a score orders edges.
  package enum Order: String, CaseIterable, Sendable {
    /// Those first whose corruption is estimated to cost most, as MIB does by default.
    case signed
    /// Those first whose corruption is estimated to change most.
    case magnitude
  }

  /// A score and an order.
  package struct Ranking: Sendable {
    package let score: EdgeScores.Score
    package let order: Order
    /// Every edge, the best first.
    package let edges: [Edge]

    package var name: String { "\(score.rawValue).\(order.rawValue)" }
  }

  package let rankings: [Ranking]
  /// The sizes of circuits, as shares of all edges: 0, and MIB's.
  package static let sizes = [0] + BenchmarkAreas.sizes
  /// The number of edges of each size.
  package let counts: [Int]
  /// For each ranking and count, sample by sample: the mean log-probability of the targets, in nats.
  package private(set) var outcomes: [[[Double]]]

  /// Of no sample.
  package init(_ scores: EdgeScores, in configuration: ModelConfiguration) {
    let rows = scores.rows(in: configuration)
    rankings = EdgeScores.Score.allCases.flatMap { score in
      Order.allCases.map { order in
        let values = rows.map { row in
          let mean = row.scores[score]?.mean ?? 0
          return order == .signed ? -mean : abs(mean)
        }
        // Equal edges stay in the order of the forward.
        let places = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
        return Ranking(score: score, order: order, edges: places.map { rows[$0].edge })
      }
    }
    counts = Self.sizes.map { BenchmarkAreas.kept($0, of: rows.count) }
    outcomes = rankings.map { [counts] _ in counts.map { _ in [] } }
  }

  /// [ranking][count][sample] of some samples.
  ///
  /// - Parameter check: called before every circuit.
  /// - Throws: what `EdgeCircuit` and `check` throw.
  package func measured(
    _ circuit: EdgeCircuit, beforeEach check: () throws -> Void = {}
  ) throws -> [[[Double]]] {
    // Small circuits, and the whole, are the same in several rankings.
    var known: [Set<Edge>: [Double]] = [:]
    return try rankings.map { ranking in
      try counts.map { count in
        let edges = Set(ranking.edges.prefix(count))
        if let found = known[edges] { return found }
        try check()
        let found = try circuit.scores(keeping: edges).map(\.logProbability)
        known[edges] = found
        return found
      }
    }
  }

  /// Adds samples.
  ///
  /// - Parameter samples: as `measured` returns them.
  package mutating func append(_ samples: [[[Double]]]) {
    for (ranking, rows) in samples.enumerated() {
      for (size, values) in rows.enumerated() { outcomes[ranking][size] += values }
    }
  }

  /// The curve of a ranking over `counts`, and its areas; the areas are nil if the curve has no faithfulness.
  package func curve(ofRanking ranking: Int) -> (curve: FaithfulnessCurve, areas: BenchmarkAreas?) {
    let curve = FaithfulnessCurve(
      metric: outcomes[ranking].map { $0.reduce(0, +) / Double(max($0.count, 1)) })
    return (curve, curve.faithfulness.map { BenchmarkAreas(atSizes: Array($0.dropFirst())) })
  }

  /// The most lanes that a circuit has: both runs, and a stream for every input of a layer.
  static func lanes(_ configuration: ModelConfiguration) -> Int { 3 + 3 * configuration.heads }

  /// The number of sequences that go through a model together; at least one. Logits of all lanes take at most 128 MiB, if one
  /// sequence's do.
  ///
  /// - Parameters:
  ///   - tokens: those of the longest sequence.
  ///   - targets: the most that a sequence has.
  package static func batchSize(_ configuration: ModelConfiguration, tokens: Int, targets: Int) -> Int {
    let lanes = lanes(configuration)
    let logits = configuration.vocabulary.saturatingProduct(with: lanes * max(targets, 1))
    return max(
      1,
      min(
        ForkedForward.rowLimit(for: configuration) / (lanes * max(tokens, 1)), (1 << 25) / max(logits, 1)))
  }
}
