/// Everything measured in one run of a study: the content of `runs/<task>/seed-<seed>/run.json`.
///
/// A record is a plain value. It is written once, whole, when its run has finished. Tables and figures are
/// made from records alone.
package struct RunRecord: Codable, Sendable, Equatable {
  /// The schema that this version writes and reads.
  package static let currentSchema = 1

  package var schema: Int
  package var task: String
  package var seed: Int
  /// `published`, `paper`, `v3` or `rigorous` (JSON key `protocol`).
  package var protocolName: String
  package var configuration: Configuration
  package var device: Device
  /// The versions of the software, by name: `causalgap`, `swift`, …
  package var versions: [String: String]
  /// `nil` if a checkpoint of unknown origin was analysed.
  @Nullable package var training: Training?
  package var ood: OutOfDistribution
  /// In component order: L0_H0, L0_H1, …, L0_MLP, L1_H0, …
  package var components: [ComponentRecord]
  /// The key of the gradient score that the top-level ranks, classes and `rho` use.
  package var gradientScore: String
  /// The key of the causal score that they use.
  package var causalMeasure: String
  /// What that score's effect is measured on; absent if it is exact match.
  package var causalEffect: String?
  /// Spearman's rank correlation of gradient and causal importance; `nil`, with a reason, if a score is
  /// constant.
  @Nullable package var rho: Double?
  @Nullable package var rhoReason: String?
  /// Rho, heroes and bloats under each recorded ablation: `published` (after W_O), `mean` (before W_O), …
  package var measures: [String: Measure]
  /// The names of the heroes, in component order.
  package var heroes: [String]
  /// The names of the bloats, in component order.
  package var bloats: [String]
  /// `nil` if the model of this run was not pruned.
  @Nullable package var pruning: Pruning?
  /// The experiment of the paper's Table 6; `nil` unless it was run for this (sorting) run.
  @Nullable package var table6: Table6?
  /// All heroes, and all bloats, ablated together; absent unless the protocol is `v3`.
  package var joint: [JointAblation]?
  /// `nil` unless the protocol is `rigorous`.
  @Nullable package var rigorous: Rigorous?
  /// Seconds by section.
  package var timings: [String: Double]
  package var notes: [String]

  package init(
    schema: Int = RunRecord.currentSchema, task: String, seed: Int, protocolName: String,
    configuration: Configuration, device: Device, versions: [String: String], training: Training?,
    ood: OutOfDistribution, components: [ComponentRecord], gradientScore: String = "frobenius",
    causalMeasure: String, causalEffect: String? = nil, rho: Double?, rhoReason: String?,
    measures: [String: Measure], heroes: [String],
    bloats: [String], pruning: Pruning? = nil, table6: Table6? = nil, joint: [JointAblation]? = nil,
    rigorous: Rigorous? = nil,
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
    self.causalEffect = causalEffect
    self.rho = rho
    self.rhoReason = rhoReason
    self.measures = measures
    self.heroes = heroes
    self.bloats = bloats
    self.pruning = pruning
    self.table6 = table6
    self.joint = joint
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
    case causalEffect = "causal_effect"
    case rho
    case rhoReason = "rho_reason"
    case measures, heroes, bloats, pruning, table6, joint, rigorous, timings, notes
  }
}

extension RunRecord {
  /// The record without the seconds, which differ between two runs of the same plan.
  package var withoutTimings: RunRecord {
    var record = self
    record.timings = [:]
    record.training?.seconds = 0
    record.table6?.training?.seconds = 0
    return record
  }
}
