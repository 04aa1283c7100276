import RandomStreams
import Records
import Tasks
import Transformer

/// One run: a task, a seed, and everything else that determines the result.
package struct RunPlan: Sendable {
  package var task: IntegerTask
  package var seed: Int
  package var studyProtocol: StudyProtocol
  package var model: ModelConfiguration
  package var batchSize: Int
  package var maxSteps: Int
  package var learningRate: Double
  /// The number of first steps over which the learning rate rises; 0 is off.
  package var warmupSteps = 0
  /// How the learning rate goes on after them.
  package var schedule = OptimiserSettings.Schedule.constant
  /// AdamW's decay of weight matrices and embeddings; 0 is off.
  package var weightDecay = 0.0
  /// The largest norm of a model's gradient; 0 is off.
  package var clipNorm = 0.0
  /// Whether the training is shortened to fewer steps than the protocol's; the record says so.
  package var quick: Bool
  /// Whether only a part of the protocol is measured. The training is the same. Only `rigorous` supports it.
  package var reduced: Bool
  /// Whether the model is also measured as `rigorous` measures; see `rigorous`. The run's own record does not depend on it.
  package var rigorousMeasures = false
  /// Whether activations are computed again for the backward. It does not affect results, and is not recorded.
  package var checkpointing = ActivationCheckpointing.auto

  package init(
    task: IntegerTask, seed: Int, studyProtocol: StudyProtocol, model: ModelConfiguration,
    batchSize: Int = 64,
    maxSteps: Int = 15_000, learningRate: Double = 1e-3, quick: Bool = false, reduced: Bool = false
  ) {
    self.task = task
    self.seed = seed
    self.studyProtocol = studyProtocol
    self.model = model
    self.batchSize = batchSize
    self.maxSteps = maxSteps
    self.learningRate = learningRate
    self.quick = quick
    self.reduced = reduced
  }

  /// - Throws: `ModelError.configuration` or `StudyError.impossible` for values that cannot be trained.
  package func validate() throws {
    try model.validate()
    guard (1...1_000_000).contains(batchSize) else {
      throw StudyError.impossible("the batch size must be 1 to 1000000, not \(batchSize)")
    }
    guard (0...100_000_000).contains(maxSteps) else {
      throw StudyError.impossible("the maximum of steps must be 0 to 100000000, not \(maxSteps)")
    }
    guard (0...Int(UInt32.max)).contains(seed) else {
      throw StudyError.impossible("seed \(seed) is out of range; use 0 to \(UInt32.max)")
    }
    guard !reduced || studyProtocol.canBeReduced else {
      throw StudyError.impossible(
        "protocol \(studyProtocol.name) has no reduced form; use rigorous, or leave out --reduced")
    }
    guard !rigorousMeasures || studyProtocol.measurement != .rigorous else {
      throw StudyError.impossible(
        "protocol \(studyProtocol.name) has the rigorous measures already; leave out \(StudyOption.rigorousMeasures.flag)"
      )
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw StudyError.impossible("the learning rate must be a positive number, not \(learningRate)")
    }
    try validateOptimiser()
    guard model.vocabulary >= Vocabulary.size else {
      throw StudyError.impossible(
        "the tasks need a vocabulary of \(Vocabulary.size) tokens, the model has \(model.vocabulary)")
    }
    guard model.positions != .learned || model.context >= longestSequence else {
      throw StudyError.impossible(
        "the model has \(model.context) positions, the longest sequence evaluated \(longestSequence)")
    }
  }

  private func validateOptimiser() throws {
    // Models that are not trained at all have no warm-up either.
    guard warmupSteps >= 0, warmupSteps <= maxSteps || maxSteps == 0 else {
      throw StudyError.impossible(
        "a warm-up of \(warmupSteps) steps does not fit into a training of at most \(maxSteps); "
          + "use fewer warm-up steps or more steps")
    }
    for (name, value) in [("weight decay", weightDecay), ("largest gradient norm", clipNorm)] {
      guard value >= 0, value.isFinite else {
        throw StudyError.impossible("the \(name) must be a positive number, or 0 for none, not \(value)")
      }
    }
    guard learningRate * weightDecay < 1 else {
      throw StudyError.impossible(
        "a weight decay of \(weightDecay) at a learning rate of \(learningRate) would remove all weights in "
          + "one step; the product of the two must be below 1")
    }
  }

  /// How the training turns gradients into steps.
  package var optimiser: OptimiserSettings {
    OptimiserSettings(
      learningRate: learningRate, warmupSteps: warmupSteps, schedule: schedule, maxSteps: maxSteps,
      weightDecay: weightDecay, clipNorm: clipNorm)
  }

  /// The number of tokens of the longest sequence that may be evaluated.
  var longestSequence: Int { 2 * ((studyProtocol.oodLengths + studyProtocol.farLengths).max() ?? 0) + 2 }

  /// The stream for a purpose at its beginning. Under `published` and `paper` it is a Mersenne Twister,
  /// seeded alike for every purpose; under `rigorous` each purpose has its own counter-based stream.
  func stream(_ purpose: Purpose) -> DataStream {
    switch studyProtocol.randomness {
    case .published: DataStream(MersenneTwister(seed: UInt32(truncatingIfNeeded: seed)))
    case .byPurpose: DataStream(CounterStream(seed: UInt64(seed), purpose: purpose))
    }
  }

  /// Takes over the shape of a trained model, and the settings of its training if they are known.
  package mutating func adopt(_ trained: TrainedModel) {
    model = trained.checkpoint.configuration
    guard let settings = trained.configuration else { return }
    (batchSize, maxSteps) = (settings.batchSize, settings.maxSteps)
    (learningRate, quick) = (settings.learningRate, settings.quick)
    warmupSteps = settings.warmupSteps ?? 0
    schedule = settings.schedule.flatMap(OptimiserSettings.Schedule.init) ?? .constant
    (weightDecay, clipNorm) = (settings.weightDecay ?? 0, settings.clipNorm ?? 0)
  }

  /// The plan of the training alone, without settings that only affect later measurements.
  var training: RunPlan {
    var plan = self
    plan.reduced = false
    plan.rigorousMeasures = false
    return plan
  }

  /// The plan by which the run's model is measured in addition, as `rigorous` measures; nil unless that is asked for.
  var rigorous: RunPlan? {
    guard rigorousMeasures else { return nil }
    var plan = self
    plan.studyProtocol = .rigorous
    plan.rigorousMeasures = false
    return plan
  }

  var recordConfiguration: RunRecord.Configuration {
    RunRecord.Configuration(
      layers: model.layers, heads: model.heads, dModel: model.dModel, dMLP: model.dMLP,
      vocabulary: model.vocabulary, positions: model.positions.rawValue, batchSize: batchSize,
      maxSteps: maxSteps, learningRate: learningRate, warmupSteps: warmupSteps == 0 ? nil : warmupSteps,
      schedule: schedule == .constant ? nil : schedule.rawValue,
      weightDecay: weightDecay == 0 ? nil : weightDecay, clipNorm: clipNorm == 0 ? nil : clipNorm,
      gradientBatches: studyProtocol.gradientBatches,
      meanBatches: studyProtocol.meanBatches, accuracySamples: studyProtocol.accuracySamples,
      pruningSamples: studyProtocol.pruningSamples, quick: quick,
      reduced: reduced ? true : nil)
  }
}
