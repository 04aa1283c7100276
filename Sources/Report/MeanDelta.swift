import Records
import Statistics

/// A bar of Figure 2: a component's gradient rank minus its causal rank, averaged over seeds.
package struct MeanDelta: Codable, Sendable, Equatable {
  package var name: String
  package var mean: Double
  /// Seeds averaged over.
  package var count: Int

  /// The most undervalued by its gradient, the most negative delta, first; ties by name.
  static func order(_ runs: [RunRecord]) -> [MeanDelta] {
    let deltas = Dictionary(grouping: runs.flatMap(\.components), by: \.name)
    return deltas.compactMap { name, components in
      Statistics.mean(components.map(\.delta))
        .map { MeanDelta(name: name, mean: $0, count: components.count) }
    }
    .sorted { ($0.mean, $0.name) < ($1.mean, $1.name) }
  }
}
