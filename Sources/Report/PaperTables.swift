import Foundation
import Records

/// The paper's numbers, as it prints them (arXiv:2602.01442v1).
///
/// They live in `paper_tables.json`, which is embedded in the program. The paper names its tasks `sorting` and
/// `reversal`; look a task up with `name(ofTask:)`.
public struct PaperTables: Decodable, Sendable, Equatable {
  public var source: String
  public var seeds: [Int]
  /// Table 1, by the paper's task name.
  public var alignment: [String: Alignment]
  /// Table 2.
  public var pruning: [Pruning]
  /// Table 3.
  public var sortingFrequency: Frequency
  /// Tables 4 and 5.
  public var sortingBySeed: [SeedRow]
  public var reversalBySeed: [SeedRow]
  /// Table 6, of sorting, with the mean and standard deviation (n − 1) of the fall in accuracy.
  public var bloatPruning: [BloatPruning]
  public var meanDrop: MeanDrop
  /// Figure 2: component names by the paper's task name.
  public var order: [String: [String]]

  public struct Alignment: Decodable, Sendable, Equatable {
    public var rhoMean, rhoStd, rhoMin, rhoMax: Double
    public var heroes, bloats: Int

    private enum CodingKeys: String, CodingKey {
      case rhoMean = "rho_mean"
      case rhoStd = "rho_std"
      case rhoMin = "rho_min"
      case rhoMax = "rho_max"
      case heroes, bloats
    }
  }

  public struct Pruning: Decodable, Sendable, Equatable {
    public var task: String
    public var seed: Int
    public var baseline, pruneHeroes, pruneBloats: Double
    public var heroes, bloats: [String]

    private enum CodingKeys: String, CodingKey {
      case task, seed, baseline
      case pruneHeroes = "prune_heroes"
      case pruneBloats = "prune_bloats"
      case heroes, bloats
    }
  }

  public struct Frequency: Decodable, Sendable, Equatable {
    public var heroes, bloats: [String: Int]
  }

  public struct SeedRow: Decodable, Sendable, Equatable {
    public var seed, oodLength: Int
    public var oodAccuracy, rho: Double
    public var heroes, bloats: Int

    private enum CodingKeys: String, CodingKey {
      case seed
      case oodLength = "ood_length"
      case oodAccuracy = "ood_accuracy"
      case rho, heroes, bloats
    }
  }

  public struct BloatPruning: Decodable, Sendable, Equatable {
    public var seed, bloats: Int
    public var idBase, idPruned: Double

    private enum CodingKeys: String, CodingKey {
      case seed, bloats
      case idBase = "id_base"
      case idPruned = "id_pruned"
    }
  }

  public struct MeanDrop: Decodable, Sendable, Equatable {
    public var mean, std: Double
  }

  private enum CodingKeys: String, CodingKey {
    case source, seeds
    case alignment = "table1_alignment"
    case pruning = "table2_pruning_top2"
    case sortingFrequency = "table3_frequency_sorting"
    case sortingBySeed = "table4_sorting_by_seed"
    case reversalBySeed = "table5_reversal_by_seed"
    case bloatPruning = "table6_bloat_pruning_in_distribution_sorting"
    case meanDrop = "table6_mean_id_drop"
    case order = "figure2_order_most_undervalued_first"
  }
}

extension PaperTables {
  /// The tables embedded in the program.
  public static func load() throws -> PaperTables {
    try RecordCoding.decode(PaperTables.self, from: Data(PackageResources.paper_tables_json))
  }

  /// The paper's name of a task: `sorting` for `sort`, `reversal` for `reverse`; any other is its own.
  public static func name(ofTask task: String) -> String {
    switch task {
    case "sort": "sorting"
    case "reverse": "reversal"
    default: task
    }
  }

  /// Table 4 or 5; empty for a task that the paper does not have.
  public func bySeed(task: String) -> [SeedRow] {
    switch Self.name(ofTask: task) {
    case "sorting": sortingBySeed
    case "reversal": reversalBySeed
    default: []
    }
  }
}
