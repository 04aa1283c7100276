import Records

@testable import Report

extension Synthetic {
  /// A rigorous study with given rhos for its seeds, against every causal score that the comparison uses.
  static func study(
    _ folder: String, tasks: [String] = ["sort"], seeds: Range<Int> = 0..<7,
    configuration: RunRecord.Configuration = .init(), rho: (_ task: String, _ seed: Int) -> Double
  ) -> StudyRecords {
    StudyRecords(
      folder: folder,
      records: tasks.flatMap { task in
        seeds.map { seed in
          let value = rho(task, seed)
          var record = run(
            task, seed: seed, inWindow: seed % 2 == 0,
            rigorous: rigorous(correlations: [
              correlation(rho: value, corrected: value / 0.8),
              correlation("frobenius", "ood", "published", rho: value / 2),
              correlation("frobenius", "ood", "mean", "log_probability", rho: value + 0.01),
              correlation("integrated_gradients", rho: 0.9),
            ]))
          record.configuration = configuration
          record.training?.steps = 1000 + 100 * seed
          record.training?.converged = seed != 1
          return record
        }
      })
  }

  /// Studies of three depths, in which rho falls with depth for every seed, in another order than by depth.
  static func depths(
    tasks: [String] = ["sort"], seeds: Range<Int> = 0..<7,
    change: (inout RunRecord.Configuration) -> Void = { _ in }
  ) -> [StudyRecords] {
    [12, 2, 4].map { layers in
      var configuration = RunRecord.Configuration(layers: layers)
      change(&configuration)
      return study("depth-\(layers)", tasks: tasks, seeds: seeds, configuration: configuration) {
        task, seed in
        0.8 - 0.05 * Double(layers) + 0.001 * Double(seed)
          + (task == "reverse" ? 0.1 + 0.01 * Double(seed) : 0)
      }
    }
  }
}
