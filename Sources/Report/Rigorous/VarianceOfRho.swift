import Concurrency
import Records
import Statistics

/// What moves the rho of a gradient score: the seed, the ablation, the metric, and the noise of the measurement.
///
/// Rho is measured for every seed under every intervention and every effect. Shares are of the sum of all components; their intervals come
/// from leaving out each seed, or one of sixty groups of them, in turn (the jackknife's pseudo-values).
package struct VarianceOfRho: Codable, Sendable, Equatable {
  package var gradient: GradientKey
  /// The seeds in which every rho is defined.
  package var seeds: Int
  /// The square root of the sum of all components.
  package var deviation: Double
  /// The components as shares of the sum.
  package var seed: SeedMean
  package var ablation: SeedMean
  package var metric: SeedMean
  package var seedByAblation: SeedMean
  package var seedByMetric: SeedMean
  package var ablationByMetric: SeedMean
  package var rest: SeedMean
  /// The noise from the samples of the effects and from the batches of the score, also as shares of the sum. It is a part of the components in which seeds
  /// occur, not one more of them: halves of the samples and of the batches say how much it is.
  package var samples: SeedMean
  package var batches: SeedMean

  private enum CodingKeys: String, CodingKey {
    case gradient, seeds, deviation, seed, ablation, metric
    case seedByAblation = "seed_by_ablation"
    case seedByMetric = "seed_by_metric"
    case ablationByMetric = "ablation_by_metric"
    case rest, samples, batches
  }

  /// One for each OOD score with at least three seeds, two interventions and two effects.
  static func all(_ runs: [RigorousRun], _ draws: ReportDraws) -> [VarianceOfRho] {
    let gradients = firstSeen(
      runs.flatMap {
        $0.rigorous.gradients.map { GradientKey(score: $0.score, distribution: $0.distribution) }
      }
    ).filter { $0.distribution == RecordNames.Distribution.ood }
    let methods = firstSeen(runs.flatMap { $0.rigorous.causal.map(\.method) })
    let effects = firstSeen(runs.flatMap { $0.rigorous.causal.map(\.effect) })
    return concurrentMap(gradients) { gradient in
      VarianceOfRho(gradient, runs.compactMap { Cells($0, gradient, methods, effects) }, draws)
    }.compactMap(\.self)
  }

  /// The rhos of one seed.
  private struct Cells {
    /// [methods][effects]
    var rhos: [[Double]]
    /// The variance of a rho that comes from the samples, and from the batches; means over the cells.
    var samples = 0.0
    var batches = 0.0

    /// Nil where a rho is undefined.
    init?(_ run: RigorousRun, _ key: GradientKey, _ methods: [String], _ effects: [String]) {
      guard let gradient = run.gradient(key), !gradient.first.isEmpty else { return nil }
      rhos = []
      let count = Double(methods.count * effects.count)
      // Each half has half of the data and so twice the variance: a quarter of the squared difference is the variance of the whole.
      func variance(_ one: Double, _ other: Double) -> Double { (one - other) * (one - other) / 4 / count }
      for method in methods {
        var row: [Double] = []
        for effect in effects {
          guard let causal = run.causal(CausalKey(method: method, effect: effect)),
            let whole = try? spearman(gradient.values, causal.values),
            let first = try? spearman(gradient.values, causal.first),
            let second = try? spearman(gradient.values, causal.second),
            let one = try? spearman(gradient.first, causal.values),
            let other = try? spearman(gradient.second, causal.values)
          else { return nil }
          row.append(whole)
          samples += variance(first, second)
          batches += variance(one, other)
        }
        rhos.append(row)
      }
    }
  }

  /// The most groups of seeds that are left out in turn; up to as many seeds, each of them.
  private static let mostGroups = 60

  private init?(_ gradient: GradientKey, _ cells: [Cells], _ draws: ReportDraws) {
    guard cells.count >= 3, let whole = Self.shares(cells) else { return nil }
    // Neighbours are left out together if there are many seeds, or the work would grow with their square.
    let size = (cells.count - 1) / Self.mostGroups + 1
    let groups = (cells.count - 1) / size + 1
    let without = (0..<groups).compactMap { left in
      Self.shares(cells.enumerated().filter { $0.offset / size != left }.map(\.element))
    }
    guard without.count == groups else { return nil }
    let n = Double(groups)
    func share(_ place: Int) -> SeedMean {
      SeedMean(without.map { n * whole.values[place] - (n - 1) * $0.values[place] }, bounds: 0...1, draws)
        .estimating(whole.values[place])
    }
    self.gradient = gradient
    seeds = cells.count
    deviation = whole.deviation
    (seed, ablation, metric) = (share(0), share(1), share(2))
    (seedByAblation, seedByMetric, ablationByMetric) = (share(3), share(4), share(5))
    (rest, samples, batches) = (share(6), share(7), share(8))
  }

  /// The components as shares of their sum, then samples and batches; nil if nothing varies.
  private static func shares(_ cells: [Cells]) -> (values: [Double], deviation: Double)? {
    guard let found = try? VarianceComponents(cells.map(\.rhos)), found.total > 0 else { return nil }
    let count = Double(cells.count)
    let noise = [\Cells.samples, \Cells.batches].map { noise in
      cells.reduce(0) { $0 + $1[keyPath: noise] } / count
    }
    return ((found.parts + noise).map { $0 / found.total }, found.total.squareRoot())
  }
}

extension SeedMean {
  /// The same interval around the estimate itself, which pseudo-values only correct for bias.
  fileprivate func estimating(_ value: Double) -> SeedMean {
    var result = self
    result.mean = value
    return result
  }
}

/// `variance_of_rho`: what moves the rho of every score.
func varianceTable(_ task: RigorousSummary.TaskFindings) -> Table {
  func source(_ title: String, _ key: String, _ value: @escaping (VarianceOfRho) -> SeedMean)
    -> [Table.Field<VarianceOfRho>]
  {
    [
      .shown(title, group: "share of the variance") { .number(value($0).mean, digits: 2) },
      .mean(key: key, value),
    ]
  }
  func noise(_ title: String, _ key: String, _ value: @escaping (VarianceOfRho) -> SeedMean)
    -> [Table.Field<VarianceOfRho>]
  {
    [.shown(title, group: "noise in it") { .number(value($0).mean, digits: 2) }, .mean(key: key, value)]
  }
  return Table(
    "variance_of_rho",
    title: "What moves rho: seeds, ablations and metrics, and the noise of the measurement, \(task.task)",
    rows: task.variance,
    notes: task.variance.isEmpty
      ? []
      : [
        "Variance components of rho over every seed, intervention and effect. The noise of samples and batches is a part of the components with seeds, "
          + "not one more. The file has intervals."
      ],
    [
      .file("task") { _ in .text(task.task) },
      .both("gradient score", key: "score", .left) { .text($0.gradient.score) },
      .both("n", key: "seeds") { .count($0.seeds) },
      .both("deviation") { .number($0.deviation, digits: 3) },
    ] + source("ablation", "ablation", \.ablation) + source("metric", "metric", \.metric)
      + source("both", "ablation_by_metric", \.ablationByMetric) + source("seed", "seed", \.seed)
      + source("seed × ablation", "seed_by_ablation", \.seedByAblation)
      + source("seed × metric", "seed_by_metric", \.seedByMetric) + source("rest", "rest", \.rest)
      + noise("samples", "samples", \.samples) + noise("batches", "batches", \.batches))
}
