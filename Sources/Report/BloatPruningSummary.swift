import Records
import Statistics

/// Table 6: every bloat among a sorting model's heads pruned together, in distribution.
///
/// That experiment trains and scores its own model, so it has its own seeds: all that it was run on, whatever the
/// window says of the run beside it.
package struct BloatPruningSummary: Codable, Sendable, Equatable {
  package var rows: [Row]
  /// Over the rows with a pruned accuracy: `idBase - idPruned`; the deviation divides by n − 1, as the paper's.
  package var count: Int
  @Nullable package var dropMean: Double?
  @Nullable package var dropStd: Double?

  /// `nil` where no run has the experiment.
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

  /// One seed; the accuracies are `nil` where not measured, as with no bloat to prune.
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
