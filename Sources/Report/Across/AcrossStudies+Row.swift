import Records
import Statistics

extension AcrossStudies {
  /// One task of one study.
  package struct Row: Codable, Sendable, Equatable {
    package var folder: String
    /// The study's values of the keys that differ. A key that its records lack is absent.
    package var settings: [String: Setting]
    package var task: String
    package var seeds: [Int]
    /// The seeds whose training converged, among those whose training is known.
    package var converged: SeedShare
    /// Training steps.
    package var steps: SeedMean
    /// The out-of-distribution accuracy at the length at which each seed was scored.
    package var accuracy: SeedMean
    /// The seeds whose accuracy lies in the paper's window.
    package var inWindow: SeedShare
    /// The rhos by the names in `AcrossRho`.
    package var rhos: [String: Rho]

    init(
      folder: String, settings: [String: Setting], task: String, _ records: [RunRecord],
      _ values: [AcrossRho: SeedValues], _ draws: ReportDraws
    ) {
      self.folder = folder
      self.settings = settings
      self.task = task
      seeds = records.map(\.seed)
      let training = records.compactMap(\.training)
      converged = SeedShare(training.map(\.converged))
      steps = SeedMean(training.map { Double($0.steps) }, bounds: 0...Double.infinity, draws)
      accuracy = SeedMean(records.map(\.ood.accuracy), bounds: 0...1, draws)
      inWindow = SeedShare(records.map(\.ood.inWindow))
      rhos = Dictionary(
        uniqueKeysWithValues: values.map { kind, found in
          (kind.rawValue, Rho(mean: found.mean(bounds: kind.bounds, draws), missing: found.missing))
        })
    }

    func rho(_ kind: AcrossRho) -> Rho? { rhos[kind.rawValue] }

    private enum CodingKeys: String, CodingKey {
      case folder, settings, task, seeds, converged, steps, accuracy
      case inWindow = "in_window"
      case rhos
    }
  }

  /// A rho averaged over the seeds that have it.
  package struct Rho: Codable, Sendable, Equatable {
    package var mean: SeedMean
    package var missing: [MissingSeed]
  }
}

/// A number of seeds among others, and their share with Wilson's 95 % interval.
package struct SeedShare: Codable, Sendable, Equatable {
  package var seeds: Int
  package var count: Int
  @Nullable package var share: Double?
  @Nullable package var interval: Interval?

  init(_ values: [Bool]) {
    seeds = values.count
    count = values.filter(\.self).count
    guard seeds > 0 else { return }
    share = Double(count) / Double(seeds)
    interval = try? wilsonInterval(successes: count, trials: seeds)
  }
}
