import Records
import Statistics

/// What components do together but not alone, over the seeds of one task.
package struct RedundancySummary: Codable, Sendable, Equatable {
  package var sets: [JointRow]
  /// For each effect, the pairs whose mean interaction is farthest from 0. They were selected for that, so
  /// their intervals are too narrow by an unknown amount.
  package var pairs: [PairRow]
  package var shapley: [ShapleyRow]

  static let strongest = 10

  init(_ runs: [RigorousRun], _ draws: ReportDraws) {
    let keys = firstSeen(
      runs.flatMap(\.rigorous.redundancy.sets).map { JointRow.Key(name: $0.name, effect: $0.effect) })
    sets = keys.map { key in JointRow(key, runs.compactMap { key.find($0) }, draws) }
    pairs =
      PairRow.strongest(runs, effect: RecordNames.Effect.logProbability, \.pairInteractions, draws)
      + PairRow.strongest(runs, effect: RecordNames.Effect.exactMatch, \.pairInteractionsExactMatch, draws)
    let names = runs.first?.names ?? []
    let alike = runs.filter { $0.names == names }
    shapley = firstSeen(runs.flatMap(\.rigorous.redundancy.shapley).map(\.effect)).flatMap { effect in
      names.indices.map { place in
        let values = SeedValues(alike) { run in
          let table = run.rigorous.redundancy.shapley.first { $0.effect == effect }
          return (table?.values.at(place), nil)
        }
        return ShapleyRow(
          effect: effect, component: names[place],
          value: values.mean(bounds: SeedMean.bounds(ofEffect: effect), draws))
      }
    }
  }

  /// A component's Shapley value, averaged over seeds.
  package struct ShapleyRow: Codable, Sendable, Equatable {
    package var effect: String
    package var component: String
    package var value: SeedMean
  }
}

/// All heroes, or all bloats, ablated together, compared with the sum of their single effects.
///
/// Only seeds with at least two of them count: with one component the two numbers are equal.
package struct JointRow: Codable, Sendable, Equatable {
  package var set: String
  package var effect: String
  /// The number of seeds with at least two of them.
  package var seeds: Int
  /// The number of seeds with exactly one of them.
  package var singletons: Int
  package var joint: SeedMean
  package var sumOfSingles: SeedMean
  /// The ratio of the two means over seeds, with Fieller's interval.
  @Nullable package var ratio: Double?
  @Nullable package var ratioInterval: Interval?
  @Nullable package var ratioReason: String?
  /// The joint effect in distribution.
  package var inDistribution: SeedMean

  /// - Parameter all: the set's effects, one for each seed that has such components.
  init(_ key: Key, _ all: [RunRecord.JointEffect], _ draws: ReportDraws) {
    set = key.name
    effect = key.effect
    let found = all.filter { $0.components.count >= 2 }
    seeds = found.count
    singletons = all.count - found.count
    let bounds = SeedMean.bounds(ofEffect: effect)
    joint = SeedMean(found.map(\.joint), bounds: bounds, draws)
    sumOfSingles = SeedMean(found.map(\.sumOfSingles), draws)
    inDistribution = SeedMean(found.compactMap(\.inDistribution), bounds: bounds, draws)
    do {
      let estimate = try ratioOfMeans(found.map(\.joint), found.map(\.sumOfSingles))
      ratioInterval = estimate.value?.interval
      ratioReason = estimate.reason?.description
    } catch {
      ratioReason = "\(error)"
    }
    if let joint = joint.mean, let sum = sumOfSingles.mean, sum != 0 { ratio = joint / sum }
  }

  struct Key: Hashable {
    var name, effect: String

    func find(_ run: RigorousRun) -> RunRecord.JointEffect? { find(run.rigorous.redundancy.sets) }

    func find(_ sets: [RunRecord.JointEffect]) -> RunRecord.JointEffect? {
      sets.first { $0.name == name && $0.effect == effect }
    }
  }

  private enum CodingKeys: String, CodingKey {
    case set, effect, seeds, singletons, joint
    case sumOfSingles = "sum_of_singles"
    case ratio
    case ratioInterval = "ratio_interval"
    case ratioReason = "ratio_reason"
    case inDistribution = "in_distribution"
  }
}

/// The interaction of two components, averaged over seeds: their joint effect minus the sum of their single
/// effects.
package struct PairRow: Codable, Sendable, Equatable {
  package var effect: String
  package var first: String
  package var second: String
  package var interaction: SeedMean

  static func strongest(
    _ runs: [RigorousRun], effect: String, _ matrix: KeyPath<RunRecord.Redundancy, [[Double]]>,
    _ draws: ReportDraws
  ) -> [PairRow] {
    let names = runs.first?.names ?? []
    let matrices = runs.filter { $0.names == names }.map { $0.rigorous.redundancy[keyPath: matrix] }
      .filter { rows in rows.count == names.count && rows.allSatisfy { $0.count == names.count } }
    guard !matrices.isEmpty else { return [] }
    let pairs = names.indices.flatMap { first in
      names.indices.dropFirst(first + 1).map { second in
        (first: first, second: second, values: matrices.map { $0[first][second] })
      }
    }
    return pairs.sorted { abs(mean($0.values) ?? 0) > abs(mean($1.values) ?? 0) }
      .prefix(RedundancySummary.strongest)
      .map {
        PairRow(
          effect: effect, first: names[$0.first], second: names[$0.second],
          interaction: SeedMean($0.values, draws))
      }
  }
}
