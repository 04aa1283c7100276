import Foundation
import Records
import Tasks

/// The paper's numbers as it prints them (arXiv:2602.01442v1).
///
/// They are in `paper_tables.json`, which is embedded in the program. The paper calls its tasks `sorting` and
/// `reversal`; `name(ofTask:)` gives the paper's name of a task.
package struct PaperTables: Decodable, Sendable, Equatable {
  package var source: String
  package var seeds: [Int]
  /// Table 1, by the paper's task name.
  package var alignment: [String: RhoRow]
  /// Table 2.
  package var pruning: [Pruning]
  /// Table 3.
  package var sortingFrequency: Frequency
  /// Tables 4 and 5.
  package var sortingBySeed: [SeedRow]
  package var reversalBySeed: [SeedRow]
  /// Table 6, which is about sorting, with the mean and standard deviation (n − 1) of the loss of accuracy.
  package var bloatPruning: [BloatPruning]
  package var meanDrop: MeanDrop
  /// Figure 2: names of components in its order, by the paper's task name.
  package var order: [String: [String]]
  /// The main numbers of the paper's versions `v2` and `v3`.
  package var laterVersions: [String: LaterVersion]

  /// A row of Table 1.
  package struct RhoRow: Decodable, Sendable, Equatable {
    package var rhoMean, rhoStd, rhoMin, rhoMax: Double
    package var heroes, bloats: Int

    private enum CodingKeys: String, CodingKey {
      case rhoMean = "rho_mean"
      case rhoStd = "rho_std"
      case rhoMin = "rho_min"
      case rhoMax = "rho_max"
      case heroes, bloats
    }
  }

  /// A row of Table 2.
  package struct Pruning: Decodable, Sendable, Equatable {
    package var task: String
    package var seed: Int
    package var baseline, pruneHeroes, pruneBloats: Double
    package var heroes, bloats: [String]

    private enum CodingKeys: String, CodingKey {
      case task, seed, baseline
      case pruneHeroes = "prune_heroes"
      case pruneBloats = "prune_bloats"
      case heroes, bloats
    }
  }

  /// Table 3: in how many seeds each component is a hero, or a bloat.
  package struct Frequency: Decodable, Sendable, Equatable {
    package var heroes, bloats: [String: Int]
  }

  /// A row of Tables 4 and 5.
  package struct SeedRow: Decodable, Sendable, Equatable {
    package var seed, oodLength: Int
    package var oodAccuracy, rho: Double
    package var heroes, bloats: Int

    private enum CodingKeys: String, CodingKey {
      case seed
      case oodLength = "ood_length"
      case oodAccuracy = "ood_accuracy"
      case rho, heroes, bloats
    }
  }

  /// A row of Table 6.
  package struct BloatPruning: Decodable, Sendable, Equatable {
    package var seed, bloats: Int
    package var idBase, idPruned: Double

    private enum CodingKeys: String, CodingKey {
      case seed, bloats
      case idBase = "id_base"
      case idPruned = "id_pruned"
    }
  }

  /// The mean and standard deviation of the losses of accuracy in Table 6.
  package struct MeanDrop: Decodable, Sendable, Equatable {
    package var mean, std: Double
  }

  /// The numbers of a later version: the mean rhos, with their standard deviations where it has them, the lowest rho on sorting, and the
  /// share of accuracy out of distribution that is lost without heroes.
  package struct LaterVersion: Decodable, Sendable, Equatable {
    package var rhoReversal, rhoSorting: Double
    package var rhoReversalStd, rhoSortingStd: Double?
    package var rhoMin: Double
    package var heroesLoss, heroesLossStd: Double?
    /// On sorting, where a version says so: what all bloats cost together and the sum of what each costs; the numbers of heroes and bloats,
    /// and the norms of gradients, by layer.
    package var jointBloatsLoss, sumOfBloatsLoss: Double?
    package var heroesByLayer, bloatsByLayer: [String: Int]?
    package var gradientByLayer: [String: Double]?

    private enum CodingKeys: String, CodingKey {
      case rhoReversal = "rho_reversal"
      case rhoSorting = "rho_sorting"
      case rhoSortingMin = "rho_sorting_min"
      case rhoMin = "rho_min"
      case rhoReversalStd = "rho_reversal_std"
      case rhoSortingStd = "rho_sorting_std"
      case heroesDrop = "heroes_ood_drop"
      case heroesDropMean = "heroes_ood_drop_mean"
      case heroesDropStd = "heroes_ood_drop_std"
      case jointBloatsLoss = "joint_bloats_loss"
      case sumOfBloatsLoss = "sum_of_bloats_loss"
      case heroesByLayer = "sorting_heroes_by_layer"
      case bloatsByLayer = "sorting_bloats_by_layer"
      case gradientByLayer = "sorting_gradient_by_layer"
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      rhoReversal = try container.decode(Double.self, forKey: .rhoReversal)
      rhoSorting = try container.decode(Double.self, forKey: .rhoSorting)
      // The versions name it differently.
      rhoMin =
        try container.decodeIfPresent(Double.self, forKey: .rhoSortingMin)
        ?? container.decode(Double.self, forKey: .rhoMin)
      rhoReversalStd = try container.decodeIfPresent(Double.self, forKey: .rhoReversalStd)
      rhoSortingStd = try container.decodeIfPresent(Double.self, forKey: .rhoSortingStd)
      let drop =
        try container.decodeIfPresent(Double.self, forKey: .heroesDropMean)
        ?? container.decodeIfPresent(Double.self, forKey: .heroesDrop)
      heroesLoss = drop.map(-)
      heroesLossStd = try container.decodeIfPresent(Double.self, forKey: .heroesDropStd)
      jointBloatsLoss = try container.decodeIfPresent(Double.self, forKey: .jointBloatsLoss)
      sumOfBloatsLoss = try container.decodeIfPresent(Double.self, forKey: .sumOfBloatsLoss)
      heroesByLayer = try container.decodeIfPresent([String: Int].self, forKey: .heroesByLayer)
      bloatsByLayer = try container.decodeIfPresent([String: Int].self, forKey: .bloatsByLayer)
      gradientByLayer = try container.decodeIfPresent([String: Double].self, forKey: .gradientByLayer)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case source, seeds
    case laterVersions = "later_versions"
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
  /// Decodes the tables embedded in the program.
  package static func load() throws -> PaperTables {
    try RecordCoding.decode(PaperTables.self, from: Data(PackageResources.paper_tables_json))
  }

  /// The paper's names of its two tasks.
  static let sorting = "sorting"
  static let reversal = "reversal"

  /// The paper's name of a task: `sorting` for `sort`, `reversal` for `reverse`; other tasks keep their names.
  package static func name(ofTask task: String) -> String {
    switch task {
    case IntegerTask.sort.name: sorting
    case IntegerTask.reverse.name: reversal
    default: task
    }
  }

  /// Table 4 or 5; empty for a task that is not in the paper.
  package func bySeed(task: String) -> [SeedRow] {
    switch Self.name(ofTask: task) {
    case Self.sorting: sortingBySeed
    case Self.reversal: reversalBySeed
    default: []
    }
  }
}
