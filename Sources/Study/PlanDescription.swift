import Tasks
import Transformer

/// A run as it can be written down: everything that determines what comes out, by name and number. A plan is made from
/// it wherever the run is to happen.
///
///     let plan = try RunPlan(JSONDecoder().decode(PlanDescription.self, from: data))
package struct PlanDescription: Codable, Equatable, Sendable {
  /// A name of `TaskCatalogue`.
  package var task: String
  package var seed: Int
  /// Their keys in JSON are on the same level as `task` and `seed`.
  package var settings: RunSettings

  package init(task: String, seed: Int, settings: RunSettings) {
    self.task = task
    self.seed = seed
    self.settings = settings
  }

  private enum CodingKeys: String, CodingKey { case task, seed }

  package init(from decoder: any Decoder) throws {
    settings = try RunSettings(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    task = try container.decode(String.self, forKey: .task)
    seed = try container.decode(Int.self, forKey: .seed)
  }

  package func encode(to encoder: any Encoder) throws {
    try settings.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(task, forKey: .task)
    try container.encode(seed, forKey: .seed)
  }
}

/// What a run is in addition to its task and seed. Runs of equal settings can share a study folder, and can train side by
/// side.
package struct RunSettings: Codable, Hashable, Sendable {
  /// A name of `StudyProtocol.all`; JSON key `protocol`.
  package var protocolName: String
  package var model: Model
  package var batchSize: Int
  package var maxSteps: Int
  package var learningRate: Double
  /// These five have no key in JSON if they are off: 0, `constant`, or `float32`.
  package var warmupSteps = 0
  package var schedule = OptimiserSettings.Schedule.constant
  package var weightDecay = 0.0
  package var clipNorm = 0.0
  package var activations = ActivationPrecision.float32
  /// The seed of the initial parameters, if it is not the run's; else without a key in JSON.
  package var initialSeed: Int?
  package var quick: Bool
  package var reduced: Bool
  /// Without a key in JSON if it is off.
  package var rigorousMeasures = false

  package init(
    protocolName: String, model: Model, batchSize: Int, maxSteps: Int, learningRate: Double,
    quick: Bool = false, reduced: Bool = false
  ) {
    self.protocolName = protocolName
    self.model = model
    self.batchSize = batchSize
    self.maxSteps = maxSteps
    self.learningRate = learningRate
    self.quick = quick
    self.reduced = reduced
  }

  private enum CodingKeys: String, CodingKey {
    case protocolName = "protocol"
    case model
    case batchSize = "batch_size"
    case maxSteps = "max_steps"
    case learningRate = "learning_rate"
    case warmupSteps = "warmup_steps"
    case schedule
    case weightDecay = "weight_decay"
    case clipNorm = "clip_norm"
    case activations
    case initialSeed = "initial_seed"
    case quick, reduced
    case rigorousMeasures = "rigorous_measures"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    protocolName = try container.decode(String.self, forKey: .protocolName)
    model = try container.decode(Model.self, forKey: .model)
    batchSize = try container.decode(Int.self, forKey: .batchSize)
    maxSteps = try container.decode(Int.self, forKey: .maxSteps)
    learningRate = try container.decode(Double.self, forKey: .learningRate)
    warmupSteps = try container.decodeIfPresent(Int.self, forKey: .warmupSteps) ?? 0
    schedule =
      try container.decodeIfPresent(OptimiserSettings.Schedule.self, forKey: .schedule) ?? .constant
    weightDecay = try container.decodeIfPresent(Double.self, forKey: .weightDecay) ?? 0
    clipNorm = try container.decodeIfPresent(Double.self, forKey: .clipNorm) ?? 0
    activations =
      try container.decodeIfPresent(ActivationPrecision.self, forKey: .activations) ?? .float32
    initialSeed = try container.decodeIfPresent(Int.self, forKey: .initialSeed)
    quick = try container.decode(Bool.self, forKey: .quick)
    reduced = try container.decode(Bool.self, forKey: .reduced)
    rigorousMeasures = try container.decodeIfPresent(Bool.self, forKey: .rigorousMeasures) ?? false
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(protocolName, forKey: .protocolName)
    try container.encode(model, forKey: .model)
    try container.encode(batchSize, forKey: .batchSize)
    try container.encode(maxSteps, forKey: .maxSteps)
    try container.encode(learningRate, forKey: .learningRate)
    if warmupSteps != 0 { try container.encode(warmupSteps, forKey: .warmupSteps) }
    if schedule != .constant { try container.encode(schedule, forKey: .schedule) }
    if weightDecay != 0 { try container.encode(weightDecay, forKey: .weightDecay) }
    if clipNorm != 0 { try container.encode(clipNorm, forKey: .clipNorm) }
    if activations != .float32 { try container.encode(activations, forKey: .activations) }
    try container.encodeIfPresent(initialSeed, forKey: .initialSeed)
    try container.encode(quick, forKey: .quick)
    try container.encode(reduced, forKey: .reduced)
    if rigorousMeasures { try container.encode(true, forKey: .rigorousMeasures) }
  }

  /// The shape of the model.
  package struct Model: Codable, Hashable, Sendable {
    package var layers: Int
    package var heads: Int
    package var dModel: Int
    package var dMLP: Int
    package var vocabulary: Int
    package var context: Int
    /// `none`, `learned` or `rotary`.
    package var positions: ModelConfiguration.Positions
    package var epsilon: Float

    package init(_ configuration: ModelConfiguration) {
      layers = configuration.layers
      heads = configuration.heads
      dModel = configuration.dModel
      dMLP = configuration.dMLP
      vocabulary = configuration.vocabulary
      context = configuration.context
      positions = configuration.positions
      epsilon = configuration.epsilon
    }

    package var configuration: ModelConfiguration {
      ModelConfiguration(
        layers: layers, heads: heads, dModel: dModel, dMLP: dMLP, vocabulary: vocabulary, context: context,
        positions: positions, epsilon: epsilon)
    }

    private enum CodingKeys: String, CodingKey {
      case layers, heads
      case dModel = "d_model"
      case dMLP = "d_ff"
      case vocabulary, context, positions
      case epsilon = "eps"
    }
  }
}

extension RunPlan {
  /// - Throws: `UnknownTask`, or `StudyError.unknownProtocol`. Sizes are not checked; see `validate()`.
  package init(_ description: PlanDescription) throws {
    let settings = description.settings
    self.init(
      task: try TaskCatalogue.task(named: description.task), seed: description.seed,
      studyProtocol: try StudyProtocol.named(settings.protocolName),
      model: settings.model.configuration, batchSize: settings.batchSize,
      maxSteps: settings.maxSteps, learningRate: settings.learningRate, quick: settings.quick,
      reduced: settings.reduced)
    (warmupSteps, schedule) = (settings.warmupSteps, settings.schedule)
    (weightDecay, clipNorm) = (settings.weightDecay, settings.clipNorm)
    activations = settings.activations
    initialSeed = settings.initialSeed
    rigorousMeasures = settings.rigorousMeasures
  }

  /// The plan by name and number. A task or protocol that is in no list comes back as an error of `init(_:)`.
  package var description: PlanDescription {
    PlanDescription(task: task.name, seed: seed, settings: settings)
  }

  package var settings: RunSettings {
    var settings = RunSettings(
      protocolName: studyProtocol.name, model: RunSettings.Model(model), batchSize: batchSize,
      maxSteps: maxSteps, learningRate: learningRate, quick: quick, reduced: reduced)
    (settings.warmupSteps, settings.schedule) = (warmupSteps, schedule)
    (settings.weightDecay, settings.clipNorm) = (weightDecay, clipNorm)
    settings.activations = activations
    settings.initialSeed = initialSeed
    settings.rigorousMeasures = rigorousMeasures
    return settings
  }
}
