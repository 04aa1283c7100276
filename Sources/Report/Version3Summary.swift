import Records
import Statistics

/// What the paper's third version tells beside rho, of the records that have it: joint ablations, classes by layer at several
/// thresholds, the size of gradients by layer.
package struct Version3Summary: Codable, Sendable, Equatable {
  /// The thresholds at which its classes are said to be stable.
  package static let thresholds = [4.0, 6.0, 8.0]

  package var joint: [Joint]
  package var layers: [Layer]

  /// `nil` if no run has joint ablations.
  init?(_ runs: [RunRecord]) {
    let found = runs.filter { $0.joint != nil }
    guard !found.isEmpty else { return nil }
    joint = Set(found.flatMap { $0.joint ?? [] }.map { [$0.set, $0.measure] })
      .sorted { $0.lexicographicallyPrecedes($1) }.map { Joint($0[1], $0[0], found) }
    let measures = Set(found.flatMap(\.measures.keys)).sorted()
    let layers = Set(found.flatMap(\.components).map(\.layer)).sorted()
    self.layers = measures.flatMap { measure in layers.map { Layer($0, measure, found) } }
  }

  /// All heroes, or all bloats, ablated together under one ablation, over the seeds that have any.
  package struct Joint: Codable, Sendable, Equatable {
    package var measure: String
    /// `all_heroes` or `all_bloats`.
    package var set: String
    package var seeds: Int
    /// The mean losses of accuracy, with their standard deviations (n − 1).
    package var joint: PruningSummary.Drop
    package var sumOfSingles: PruningSummary.Drop
    /// The ratio of the two means.
    @Nullable package var ratio: Double?

    init(_ measure: String, _ set: String, _ runs: [RunRecord]) {
      self.measure = measure
      self.set = set
      let found = runs.compactMap { run in run.joint?.first { $0.measure == measure && $0.set == set } }
      seeds = found.count
      joint = PruningSummary.Drop(found.map(\.joint))
      sumOfSingles = PruningSummary.Drop(found.map(\.sumOfSingles))
      if let top = joint.mean, let bottom = sumOfSingles.mean, bottom != 0 { ratio = top / bottom }
    }

    private enum CodingKeys: String, CodingKey {
      case measure, set, seeds, joint
      case sumOfSingles = "sum_of_singles"
      case ratio
    }
  }

  /// One layer under one ablation, over all seeds.
  package struct Layer: Codable, Sendable, Equatable {
    package var measure: String
    package var layer: Int
    /// The numbers of heroes and bloats at each of `thresholds`.
    package var heroes: [Int]
    package var bloats: [Int]
    /// The mean Frobenius norm of the heads' value gradients.
    @Nullable package var headGradient: Double?

    init(_ layer: Int, _ measure: String, _ runs: [RunRecord]) {
      self.layer = layer
      self.measure = measure
      let components = runs.flatMap(\.components).filter { $0.layer == layer }
      let deltas = components.compactMap { $0.measures[measure]?.delta }
      heroes = Version3Summary.thresholds.map { threshold in deltas.count { $0 <= -threshold } }
      bloats = Version3Summary.thresholds.map { threshold in deltas.count { $0 >= threshold } }
      headGradient = mean(
        components.filter { $0.head != nil }.compactMap { $0.gradient[RecordNames.Score.published] })
    }

    private enum CodingKeys: String, CodingKey {
      case measure, layer, heroes, bloats
      case headGradient = "head_gradient"
    }
  }
}
