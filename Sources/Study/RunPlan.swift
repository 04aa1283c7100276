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
  /// Whether the training is shortened to fewer steps than the protocol's; the record says so.
  package var quick: Bool
  /// Whether only a part of the protocol is measured. The training is the same. Only `rigorous` supports it.
  package var reduced: Bool

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
    guard learningRate > 0, learningRate.isFinite else {
      throw StudyError.impossible("the learning rate must be a positive number, not \(learningRate)")
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
  }

  /// The plan of the training alone, without settings that only affect later measurements.
  var training: RunPlan {
    var plan = self
    plan.reduced = false
    return plan
  }

  var recordConfiguration: RunRecord.Configuration {
    RunRecord.Configuration(
      layers: model.layers, heads: model.heads, dModel: model.dModel, dMLP: model.dMLP,
      vocabulary: model.vocabulary, positions: model.positions.rawValue, batchSize: batchSize,
      maxSteps: maxSteps, learningRate: learningRate, gradientBatches: studyProtocol.gradientBatches,
      meanBatches: studyProtocol.meanBatches, accuracySamples: studyProtocol.accuracySamples,
      pruningSamples: studyProtocol.pruningSamples, quick: quick,
      reduced: reduced ? true : nil)
  }
}
