import Records
import Statistics

/// Table 6: every bloat among a sorting model's heads pruned together, in distribution.
///
/// That experiment trains and scores its own model, so it has its own seeds: all that it was run on, whatever the
/// window says of the run beside it.
public struct BloatPruningSummary: Codable, Sendable, Equatable {
  public var rows: [Row]
  /// Over the rows with a pruned accuracy: `idBase - idPruned`; the deviation divides by n − 1, as the paper's.
  public var count: Int
  @Nullable public var dropMean: Double?
  @Nullable public var dropStd: Double?

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
  public struct Row: Codable, Sendable, Equatable {
    public var seed: Int
    public var bloats: [String]
    @Nullable public var idBase: Double?
    @Nullable public var idPruned: Double?

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
