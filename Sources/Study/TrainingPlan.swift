import RandomStreams
import Records
import Tasks
import Transformer

/// A training alone: what a model learns from, when it ends, and everything else that determines its parameters. It is made from
/// the plan of a run, or from data of one's own.
package struct TrainingPlan: PlannedTraining {
  let source: any SequenceSource
  let goal: TrainingGoal
  /// The number of steps from one measurement to the next.
  var evaluationInterval: Int
  package let seed: Int
  package let initialSeed: Int?
  package let protocolName: String
  package let randomness: StudyProtocol.Randomness
  package let model: ModelConfiguration
  package let batchSize: Int
  package let maxSteps: Int
  package let optimiser: OptimiserSettings
  package let checkpointing: ActivationCheckpointing
  package let activations: ActivationPrecision
  package let otherRows: Int
  package let measuresGradientScores: Bool
  /// The settings as files state them.
  let recordConfiguration: RunRecord.Configuration
  /// What the model is trained on, if not on a task.
  var data: DataOrigin?

  package var training: TrainingPlan { self }
  package var trainingRows: Int { batchSize * source.longestTrained }

  package func validate() throws {
    try validateTraining()
    let longest = max(source.longestTrained, source.longestMeasured)
    guard model.positions != .learned || model.context >= longest else {
      throw StudyError.impossible(
        "the model has \(model.context) positions, the longest sequence \(longest) tokens")
    }
  }

  /// The sequences of the next step.
  func batch(from stream: inout DataStream) -> [TokenSequence] { source.batch(batchSize, from: &stream) }
}

/// When a training ends before its last step.
package enum TrainingGoal: Sendable, Equatable {
  /// When this share of the measured sequences is answered exactly.
  case exactMatch(Double)
  /// When the mean loss over the measured targets has not fallen below its lowest value for so many measurements in a row.
  case heldOutLoss(patience: Int)

  /// What the scores of the measured sequences say after a step.
  func measurement(_ scores: [TargetScore], step: Int) -> RunRecord.Training.Accuracy {
    switch self {
    case .exactMatch:
      let exact = scores.count(where: \.isExact)
      return RunRecord.Training.Accuracy(
        step: step, accuracy: scores.isEmpty ? 0 : Double(exact) / Double(scores.count))
    case .heldOutLoss:
      let split = SplitScore(scores)
      return RunRecord.Training.Accuracy(step: step, accuracy: split.accuracy, heldOutLoss: split.loss)
    }
  }

  /// Whether the training ends after these measurements, of which the last is the newest.
  func isReached(_ measurements: [RunRecord.Training.Accuracy]) -> Bool {
    switch self {
    case .exactMatch(let share): return measurements.last.map { $0.accuracy >= share } ?? false
    case .heldOutLoss(let patience):
      let losses = measurements.compactMap(\.heldOutLoss)
      guard let lowest = losses.dropLast(patience).min() else { return false }
      return losses.suffix(patience).allSatisfy { $0 >= lowest }
    }
  }
}

extension RunPlan {
  package var training: TrainingPlan { training(measuring: studyProtocol.trainingLengths) }

  /// The plan of a training that ends when samples of other lengths are answered.
  func training(measuring lengths: ClosedRange<Int>) -> TrainingPlan {
    var plan = self
    plan.reduced = false
    plan.rigorousMeasures = false
    return TrainingPlan(
      source: TaskSource(
        task, layout: studyProtocol.trainingLayout, lengths: studyProtocol.trainingLengths,
        measuredLengths: lengths, measuredCount: studyProtocol.accuracySamples),
      goal: .exactMatch(studyProtocol.convergedAccuracy),
      evaluationInterval: studyProtocol.evaluationInterval,
      seed: seed, initialSeed: initialSeed, protocolName: protocolName, randomness: randomness, model: model,
      batchSize: batchSize,
      maxSteps: maxSteps, optimiser: optimiser, checkpointing: checkpointing, activations: activations,
      otherRows: otherRows,
      measuresGradientScores: plan.measuresGradientScores, recordConfiguration: plan.recordConfiguration)
  }
}
