import Records
import Statistics

/// One bar of Figure 2: a component's gradient rank minus its causal rank, averaged over seeds.
package struct MeanDelta: Codable, Sendable, Equatable {
  package var name: String
  package var mean: Double
  /// The number of seeds averaged.
  package var count: Int

  /// The components by mean delta, ascending: the one most undervalued by its gradient comes first. Ties by name.
  /// Seeds without a rho have a score that is the same for every component, and their deltas say nothing.
  static func order(_ runs: [RunRecord]) -> [MeanDelta] {
    let deltas = Dictionary(grouping: runs.filter { $0.rho != nil }.flatMap(\.components), by: \.name)
    return deltas.compactMap { name, components in
      Statistics.mean(components.map(\.delta))
        .map { MeanDelta(name: name, mean: $0, count: components.count) }
    }
    .sorted { ($0.mean, $0.name) < ($1.mean, $1.name) }
  }
}
