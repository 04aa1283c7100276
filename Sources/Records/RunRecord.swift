/// Everything measured on one model of a study: what `runs/<task>/seed-<seed>/run.json` holds.
///
/// A record is a plain value. It is written once, whole, when its run has ended; tables and figures are made from
/// records alone.
package struct RunRecord: Codable, Sendable, Equatable {
  /// The layout this version writes and reads.
  package static let currentSchema = 1

  package var schema: Int
  package var task: String
  package var seed: Int
  /// `published`, `paper` or `rigorous` (JSON key `protocol`).
  package var protocolName: String
  package var configuration: Configuration
  package var device: Device
  /// Version by name: `causalgap`, `swift`, …
  package var versions: [String: String]
  /// `nil` where a checkpoint of unknown origin was analysed.
  @Nullable package var training: Training?
  package var ood: OutOfDistribution
  /// In the order of the protocol's ablations: L0_H0, L0_H1, …, L0_MLP, L1_H0, …
  package var components: [ComponentRecord]
  /// The entries of `gradient` and `causal` that the top-level ranks, classes and `rho` are of.
  package var gradientScore: String
  package var causalMeasure: String
  /// Spearman's rank correlation of gradient and causal importance; `nil` with a reason where a score is constant.
  @Nullable package var rho: Double?
  @Nullable package var rhoReason: String?
  /// The same for each ablation recorded: `published` (after W_O), `mean` (before W_O), …
  package var measures: [String: Measure]
  /// Names in component order.
  package var heroes: [String]
  package var bloats: [String]
  /// `nil` where this run was not pruned.
  @Nullable package var pruning: Pruning?
  /// `nil` but for sorting, where the experiment of the paper's Table 6 was run.
  @Nullable package var table6: Table6?
  /// `nil` but under the `rigorous` protocol.
  @Nullable package var rigorous: Rigorous?
  /// Seconds by section.
  package var timings: [String: Double]
  package var notes: [String]

  package init(
    schema: Int = RunRecord.currentSchema, task: String, seed: Int, protocolName: String,
    configuration: Configuration, device: Device, versions: [String: String], training: Training?,
    ood: OutOfDistribution, components: [ComponentRecord], gradientScore: String = "frobenius",
    causalMeasure: String, rho: Double?, rhoReason: String?, measures: [String: Measure], heroes: [String],
    bloats: [String], pruning: Pruning? = nil, table6: Table6? = nil, rigorous: Rigorous? = nil,
    timings: [String: Double] = [:],
    notes: [String] = []
  ) {
    self.schema = schema
    self.task = task
    self.seed = seed
    self.protocolName = protocolName
    self.configuration = configuration
    self.device = device
    self.versions = versions
    self.training = training
    self.ood = ood
    self.components = components
    self.gradientScore = gradientScore
    self.causalMeasure = causalMeasure
    self.rho = rho
    self.rhoReason = rhoReason
    self.measures = measures
    self.heroes = heroes
    self.bloats = bloats
    self.pruning = pruning
    self.table6 = table6
    self.rigorous = rigorous
    self.timings = timings
    self.notes = notes
  }

  private enum CodingKeys: String, CodingKey {
    case schema, task, seed
    case protocolName = "protocol"
    case configuration, device, versions, training, ood, components
    case gradientScore = "gradient_score"
    case causalMeasure = "causal_measure"
    case rho
    case rhoReason = "rho_reason"
    case measures, heroes, bloats, pruning, table6, rigorous, timings, notes
  }
}

extension RunRecord {
  /// The record less what differs between two runs of the same thing: seconds.
  package var withoutTimings: RunRecord {
    var record = self
    record.timings = [:]
    record.training?.seconds = 0
    record.table6?.training?.seconds = 0
    return record
  }
}
