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
  /// The numbers of edges that circuits have: none, and those of MIB's sizes.
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
    counts = [0] + BenchmarkAreas.sizes.map { BenchmarkAreas.kept($0, of: rows.count) }
    outcomes = rankings.map { [counts] _ in counts.map { _ in [] } }
  }

  /// [ranking][count][sample] of some samples.
  ///
  /// - Throws: what `EdgeCircuit` throws.
  package func measured(_ circuit: EdgeCircuit) throws -> [[[Double]]] {
    // Small circuits, and the whole, are the same in several rankings.
    var known: [Set<Edge>: [Double]] = [:]
    return try rankings.map { ranking in
      try counts.map { count in
        let edges = Set(ranking.edges.prefix(count))
        if let found = known[edges] { return found }
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

  /// The curve of a ranking over `counts`, and its areas; nil if it has no faithfulness.
  package func curve(ofRanking ranking: Int) -> (curve: FaithfulnessCurve, areas: BenchmarkAreas?) {
    let curve = FaithfulnessCurve(
      metric: outcomes[ranking].map { $0.reduce(0, +) / Double(max($0.count, 1)) })
    return (curve, curve.faithfulness.map { BenchmarkAreas(atSizes: Array($0.dropFirst())) })
  }

  /// The number of sequences that go through a model together with the streams of a whole layer's inputs; at least one.
  ///
  /// - Parameter tokens: those of the longest sequence.
  package static func batchSize(_ configuration: ModelConfiguration, tokens: Int) -> Int {
    let lanes = 3 + 3 * configuration.heads
    return max(1, ForkedForward.rowLimit(for: configuration) / (lanes * max(tokens, 1)))
  }
}
