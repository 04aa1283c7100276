/// Everything measured on one model of a study: what `runs/<task>/seed-<seed>/run.json` holds.
///
/// A record is a plain value. It is written once, whole, when its run has ended; tables and figures are made from
/// records alone.
public struct RunRecord: Codable, Sendable, Equatable {
  /// The layout this version writes and reads.
  public static let currentSchema = 1

  public var schema: Int
  public var task: String
  public var seed: Int
  /// `published`, `paper` or `rigorous` (JSON key `protocol`).
  public var protocolName: String
  public var configuration: Configuration
  public var device: Device
  /// Version by name: `causalgap`, `swift`, …
  public var versions: [String: String]
  /// `nil` where a checkpoint of unknown origin was analysed.
  @Nullable public var training: Training?
  public var ood: OutOfDistribution
  /// In the order of the protocol's ablations: L0_H0, L0_H1, …, L0_MLP, L1_H0, …
  public var components: [Component]
  /// The entries of `gradient` and `causal` that the top-level ranks, classes and `rho` are of.
  public var gradientScore: String
  public var causalMeasure: String
  /// Spearman's rank correlation of gradient and causal importance; `nil` with a reason where a score is constant.
  @Nullable public var rho: Double?
  @Nullable public var rhoReason: String?
  /// The same for each ablation recorded: `published` (after W_O), `mean` (before W_O), …
  public var measures: [String: Measure]
  /// Names in component order.
  public var heroes: [String]
  public var bloats: [String]
  /// `nil` where this run was not pruned.
  @Nullable public var pruning: Pruning?
  /// `nil` but for sorting, where the experiment of the paper's Table 6 was run.
  @Nullable public var table6: Table6?
  /// `nil` but under the `rigorous` protocol.
  @Nullable public var rigorous: Rigorous?
  /// Seconds by section.
  public var timings: [String: Double]
  public var notes: [String]

  public init(
    schema: Int = RunRecord.currentSchema, task: String, seed: Int, protocolName: String,
    configuration: Configuration, device: Device, versions: [String: String], training: Training?,
    ood: OutOfDistribution, components: [Component], gradientScore: String = "frobenius",
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
  public var withoutTimings: RunRecord {
    var record = self
    record.timings = [:]
    record.training?.seconds = 0
    record.table6?.training?.seconds = 0
    return record
  }
}
