import Records
import Statistics

/// Table 6: all bloats among the heads of a sorting model pruned together, in distribution.
///
/// That experiment trains and scores a model of its own, so it has its own seeds: all seeds for which it was run,
/// whether or not the main run of the same seed lies in the window.
package struct BloatPruningSummary: Codable, Sendable, Equatable {
  package var rows: [Row]
  /// Over the rows with a pruned accuracy, `idBase - idPruned`; the standard deviation divides by n − 1, like the
  /// paper's.
  package var count: Int
  @Nullable package var dropMean: Double?
  @Nullable package var dropStd: Double?

  /// `nil` if no run has the experiment.
  init?(_ runs: [RunRecord]) {
    rows = runs.compactMap { run in
      run.table6.map { Row(seed: run.seed, bloats: $0.bloats, idBase: $0.idBase, idPruned: $0.idPruned) }
    }
    guard !rows.isEmpty else { return nil }
    let drops = rows.compactMap(\.drop)
    count = drops.count
    dropMean = mean(drops)
    dropStd = standardDeviation(drops, ddof: 1)
  }

  private enum CodingKeys: String, CodingKey {
    case rows, count
    case dropMean = "drop_mean"
    case dropStd = "drop_std"
  }

  /// One seed. An accuracy is `nil` if it was not measured, for example because there was no bloat to prune.
  package struct Row: Codable, Sendable, Equatable {
    package var seed: Int
    package var bloats: [String]
    @Nullable package var idBase: Double?
    @Nullable package var idPruned: Double?

    var drop: Double? {
      guard let idBase, let idPruned else { return nil }
      return idBase - idPruned
    }

    private enum CodingKeys: String, CodingKey {
      case seed, bloats
      case idBase = "id_base"
      case idPruned = "id_pruned"
    }
  }
}
