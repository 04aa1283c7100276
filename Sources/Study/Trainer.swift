import Compute
import Foundation
import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// Trains one model as its plan says, with a measurement of accuracy at fixed steps.
///
/// Parameters come from a Mersenne Twister seeded with the seed, data from a second one seeded the same.
public struct Trainer {
  /// When training is over.
  public struct Stopping: Sendable {
    /// N of the samples accuracy is measured on.
    public var lengths: ClosedRange<Int>
    public var accuracy: Double
  }

  public let plan: RunPlan
  public let device: any Device
  public let supervisor: Supervisor
  let stopping: Stopping

  public init(_ plan: RunPlan, on device: any Device, supervisor: Supervisor = Supervisor()) {
    self.init(
      plan, on: device, supervisor: supervisor,
      stopping: Stopping(
        lengths: plan.studyProtocol.trainingLengths, accuracy: plan.studyProtocol.convergedAccuracy))
  }

  init(_ plan: RunPlan, on device: any Device, supervisor: Supervisor, stopping: Stopping) {
    self.plan = plan
    self.device = device
    self.supervisor = supervisor
    self.stopping = stopping
  }

  /// - Parameter folder: receives `train.csv` and a snapshot to continue from, which stays until `removeSnapshot`:
  ///   a run killed before it has kept what came of its training then need not train again.
  /// - Throws: `StudyError.interrupted` with a snapshot written; `ModelError.diverged`.
  public func train(in folder: URL) throws -> TrainedModel {
    var run = try TrainingRun(plan, on: device, in: folder, supervisor: supervisor)
    let interval = plan.studyProtocol.evaluationInterval
    var converged = false
    while run.step < plan.maxSteps, !converged {
      do {
        try supervisor.checkStop()
      } catch {
        try run.interrupt()
        throw error
      }
      let measures = (run.step + 1) % interval == 0
      try run.takeStep(reports: measures || run.step + 1 == plan.maxSteps)
      if measures { converged = try measureAccuracy(&run) >= stopping.accuracy }
      if measures, !converged { try run.writeSnapshot() }
    }
    // As the published program: after the last step of an unconverged training it measures once more.
    if !converged, plan.maxSteps > 0 { _ = try measureAccuracy(&run) }
    return try run.finish(converged: converged)
  }

  private func measureAccuracy(_ run: inout TrainingRun) throws -> Double {
    let samples = plan.task.samples(
      plan.studyProtocol.accuracySamples, length: stopping.lengths, from: &run.dataStream)
    let job = EvaluationJob(BatchLayout.evaluationBatch(samples))
    let accuracy = try run.transformer.accuracies([job])[0]
    try run.record(accuracy: accuracy)
    return accuracy
  }
}
