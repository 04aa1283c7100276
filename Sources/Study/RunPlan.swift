import RandomStreams
import Records
import Tasks
import Transformer

/// One run: a task, a seed, and everything else that determines the result.
package struct RunPlan: PlannedTraining {
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
  /// In which precision the training keeps activations.
  package var activations = ActivationPrecision.float32
  package var initialSeed: Int?
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

  package func validate() throws {
    try validateTraining()
    guard !reduced || studyProtocol.canBeReduced else {
      throw StudyError.impossible(
        "protocol \(studyProtocol.name) has no reduced form; use rigorous, or leave out --reduced")
    }
    guard !rigorousMeasures || studyProtocol.measurement != .rigorous else {
      throw StudyError.impossible(
        "protocol \(studyProtocol.name) has the rigorous measures already; leave out \(StudyOption.rigorousMeasures.flag)"
      )
    }
    guard model.vocabulary >= Vocabulary.size else {
      throw StudyError.impossible(
        "the tasks need a vocabulary of \(Vocabulary.size) tokens, the model has \(model.vocabulary)")
    }
    guard model.positions != .learned || model.context >= longestSequence else {
      throw StudyError.impossible(
        "the model has \(model.context) positions, the longest sequence evaluated \(longestSequence)")
    }
  }

  package var optimiser: OptimiserSettings {
    OptimiserSettings(
      learningRate: learningRate, warmupSteps: warmupSteps, schedule: schedule, maxSteps: maxSteps,
      weightDecay: weightDecay, clipNorm: clipNorm)
  }

  /// The number of tokens of the longest sequence that may be evaluated.
  var longestSequence: Int { 2 * ((studyProtocol.oodLengths + studyProtocol.farLengths).max() ?? 0) + 2 }

  package var protocolName: String { studyProtocol.name }
  package var randomness: StudyProtocol.Randomness { studyProtocol.randomness }
  package var trainingRows: Int { batchSize * (2 * studyProtocol.trainingLengths.upperBound + 2) }
  package var otherRows: Int { max(batchSize * longestSequence, ForkedForward.defaultRowLimit) }
  package var measuresGradientScores: Bool { studyProtocol.measurement == .rigorous || rigorousMeasures }

  /// Takes over the shape of a trained model, and the settings of its training if they are known.
  package mutating func adopt(_ trained: TrainedModel) {
    model = trained.checkpoint.configuration
    guard let settings = trained.configuration else { return }
    (batchSize, maxSteps) = (settings.batchSize, settings.maxSteps)
    (learningRate, quick) = (settings.learningRate, settings.quick)
    warmupSteps = settings.warmupSteps ?? 0
    schedule = settings.schedule.flatMap(OptimiserSettings.Schedule.init) ?? .constant
    (weightDecay, clipNorm) = (settings.weightDecay ?? 0, settings.clipNorm ?? 0)
    activations = settings.activations.flatMap(ActivationPrecision.init) ?? .float32
    initialSeed = settings.initialSeed
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
    var configuration = RunRecord.Configuration(
      model, optimiser, batchSize: batchSize, maxSteps: maxSteps)
    configuration.activations = activations.recorded
    configuration.initialSeed = initialSeed
    configuration.gradientBatches = studyProtocol.gradientBatches
    configuration.meanBatches = studyProtocol.meanBatches
    configuration.accuracySamples = studyProtocol.accuracySamples
    configuration.pruningSamples = studyProtocol.pruningSamples
    configuration.quick = quick
    configuration.reduced = reduced ? true : nil
    return configuration
  }
}

extension RunRecord.Configuration {
  /// The settings of a training, as files state them: those of the optimiser that are off are absent. Nothing is measured.
  init(_ model: ModelConfiguration, _ optimiser: OptimiserSettings, batchSize: Int, maxSteps: Int) {
    self.init(
      layers: model.layers, heads: model.heads, dModel: model.dModel, dMLP: model.dMLP,
      vocabulary: model.vocabulary, positions: model.positions.rawValue, batchSize: batchSize,
      maxSteps: maxSteps, learningRate: optimiser.learningRate,
      warmupSteps: optimiser.warmupSteps == 0 ? nil : optimiser.warmupSteps,
      schedule: optimiser.schedule == .constant ? nil : optimiser.schedule.rawValue,
      weightDecay: optimiser.weightDecay == 0 ? nil : optimiser.weightDecay,
      clipNorm: optimiser.clipNorm == 0 ? nil : optimiser.clipNorm, gradientBatches: 0, meanBatches: 0,
      accuracySamples: 0, pruningSamples: 0)
  }
}
