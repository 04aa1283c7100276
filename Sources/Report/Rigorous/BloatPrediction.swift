import Records
import Statistics

/// Whether harmless and catastrophic bloats can be distinguished before pruning: a logistic regression on
/// what is known of a bloat before any ablation. The bloats of each seed are predicted by a model fitted
/// without that seed.
///
/// A bloat is catastrophic if its mean ablation alone costs at least `threshold` of exact match, else
/// harmless. The area under the ROC curve compares only bloats of the same seed; its interval is a jackknife
/// over seeds.
package struct BloatPrediction: Codable, Sendable, Equatable {
  /// A loss of exact-match accuracy well above its standard error (0.01 with 2,000 samples), and a tenth of
  /// an accuracy of one half.
  package static let threshold = 0.05

  package var threshold: Double
  package var features: [String]
  package var bloats: Int
  package var catastrophic: Int
  /// The number of seeds with a bloat.
  package var seeds: Int
  /// The number of seeds with bloats of both kinds, on which the area is based.
  package var seedsWithBoth: Int
  /// `nil` if no seed has bloats of both kinds.
  @Nullable package var area: Double?
  @Nullable package var interval: Interval?
  /// Why there is no interval or no claim.
  @Nullable package var reason: String?
  /// Whether the interval lies above 0.5; `nil`, meaning no claim either way, without an interval or with
  /// fewer than six seeds that have both kinds.
  @Nullable package var predicts: Bool?

  init(_ runs: [RigorousRun]) {
    threshold = Self.threshold
    let names = Set(runs.flatMap(\.rigorous.features.keys)).filter { name in
      runs.allSatisfy { run in
        let values = run.rigorous.features[name] ?? []
        return values.count == run.names.count && values.allSatisfy(\.isFinite)
      }
    }.sorted()
    let rows = runs.enumerated().flatMap { group, run in Self.bloats(run, names, group: group) }
    features = names
    bloats = rows.count
    catastrophic = rows.filter(\.isCatastrophic).count
    let byGroup = Dictionary(grouping: rows, by: \.group).values
    seeds = byGroup.count
    seedsWithBoth = byGroup.filter { Set($0.map(\.isCatastrophic)).count == 2 }.count
    guard !names.isEmpty else {
      reason = "no feature was recorded for every seed"
      return
    }
    do {
      let predictions = try leaveOneGroupOutPredictions(
        features: rows.map(\.features), labels: rows.map(\.isCatastrophic), groups: rows.map(\.group))
      let judged = zip(rows, predictions).compactMap { row, score in score.map { (row, $0) } }
      let (scores, labels) = (judged.map(\.1), judged.map(\.0.isCatastrophic))
      let groups = judged.map(\.0.group)
      area = try areaUnderROC(scores, labels: labels, within: groups)
      let found = try clusteredAreaUnderROC(scores, labels: labels, groups: groups, withinGroups: true)
      interval = found.value?.interval
      reason = found.reason.map { "no interval over seeds with bloats of both kinds: \($0)" }
      if let value = found.value {
        if value.groups >= SignFlipResult.fewestSeedsForAClaim {
          predicts = value.interval.lower > 0.5
        } else {
          reason =
            "\(NumberText.seeds(value.groups)) with bloats of both kinds; a claim needs "
            + "\(SignFlipResult.fewestSeedsForAClaim)"
        }
      }
    } catch {
      reason = "\(error)"
    }
  }

  private struct Row {
    var group: Int
    var features: [Double]
    var isCatastrophic: Bool
  }

  private static func bloats(_ run: RigorousRun, _ features: [String], group: Int) -> [Row] {
    guard let effects = run.causal(.mean)?.values, effects.count == run.names.count else { return [] }
    return run.record.components.indices.filter { run.record.components[$0].componentClass == .bloat }
      .map { place in
        Row(
          group: group, features: features.map { (run.rigorous.features[$0] ?? [])[place] },
          isCatastrophic: effects[place] >= threshold)
      }
  }

  private enum CodingKeys: String, CodingKey {
    case threshold, features, bloats, catastrophic, seeds
    case seedsWithBoth = "seeds_with_both"
    case area, interval, reason, predicts
  }
}
