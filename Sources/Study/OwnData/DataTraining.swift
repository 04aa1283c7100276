import Errors
import Foundation
import Importance
import Records
import Tasks
import Transformer

/// Data of one's own that a model can be trained on.
package struct DataTraining: Sendable {
  let source: any SequenceSource
  let vocabulary: Int
  let origin: DataOrigin
  fileprivate let measuredCount: Int
  /// What of the data a training does not use.
  package let notes: [String]

  /// How many measurements in a row may pass without a lower loss.
  static let patience = 3
  /// The word that takes the place of a protocol's name.
  static let protocolName = "data"

  /// Sequences of a safetensors file.
  ///
  /// - Parameter vocabulary: the number of tokens that the model is to know; nil for as many as the file needs.
  /// - Throws: what `TokenData` and `TokenSource` throw.
  package init(tokensAt url: URL, vocabulary: Int?) throws {
    let data = try TokenData(contentsOf: url, vocabulary: vocabulary)
    let source = try TokenSource(name: url.deletingPathExtension().lastPathComponent, data)
    self.source = source
    self.vocabulary = vocabulary ?? Int(data.largestToken) + 1
    measuredCount = source.measuredCount
    origin = DataOrigin(kind: .tokens, checksum: data.checksum, size: data.count)
    let unused = ["corrupted": data.corrupted != nil, "foil": data.foils != nil].filter(\.value).keys.sorted()
    notes = unused.isEmpty ? [] : ["training does not use \(unused.joined(separator: " and "))"]
  }

  /// The bytes of a text.
  package init(_ text: ByteText) {
    let source = TextSource(text)
    self.source = source
    vocabulary = ByteText.vocabulary
    measuredCount = source.measuredCount
    origin = text.origin
    notes = []
  }
}

extension StudyOptions {
  /// The plan of a training on data, given by `--seed` and the options of model and training. It is not checked yet.
  package func training(on data: DataTraining) throws -> TrainingPlan {
    let settings = try settings()
    var model = settings.model.configuration
    model.vocabulary = data.vocabulary
    model.context = max(data.source.longestTrained, data.source.longestMeasured)
    let optimiser = OptimiserSettings(
      learningRate: settings.learningRate, warmupSteps: settings.warmupSteps, schedule: settings.schedule,
      maxSteps: settings.maxSteps, weightDecay: settings.weightDecay, clipNorm: settings.clipNorm)
    let rules = StudyProtocol.rigorous
    var configuration = RunRecord.Configuration(
      model, optimiser, batchSize: settings.batchSize, maxSteps: settings.maxSteps)
    configuration.accuracySamples = data.measuredCount
    configuration.initialSeed = settings.initialSeed
    configuration.activations = settings.activations.recorded
    return TrainingPlan(
      source: data.source, goal: .heldOutLoss(patience: DataTraining.patience),
      evaluationInterval: rules.evaluationInterval, seed: whole(.seed) ?? 0,
      initialSeed: settings.initialSeed,
      protocolName: DataTraining.protocolName, randomness: rules.randomness, model: model,
      batchSize: settings.batchSize, maxSteps: settings.maxSteps, optimiser: optimiser,
      checkpointing: checkpointing, activations: settings.activations, otherRows: max(2048, model.context),
      measuresGradientScores: false,
      recordConfiguration: configuration, data: data.origin)
  }
}
