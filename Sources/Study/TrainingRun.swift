import Compute
import Foundation
import RandomStreams
import Records
import Tasks
import Transformer

/// A training under way: the model, its optimiser, its data stream, its log.
struct TrainingRun {
  let plan: RunPlan
  let transformer: Transformer
  let optimiser: AdamOptimiser
  var dataStream: MersenneTwister
  private(set) var step = 0
  private var accuracies: [RunRecord.Training.Accuracy] = []
  /// Steps whose loss the device still holds.
  private var unread: [Int] = []
  /// Logged but for its accuracy, which may follow.
  private var pending: [TrainingLog.Step] = []
  private var lastLoss: Double?
  private var secondsBefore = 0.0
  private let started = Date()
  private let log: TrainingLog
  private let snapshot: TrainingSnapshot
  private let supervisor: Supervisor

  init(_ plan: RunPlan, on device: any Device, in folder: URL, supervisor: Supervisor) throws {
    self.plan = plan
    self.supervisor = supervisor
    snapshot = TrainingSnapshot(folder: folder, plan: plan, device: device)
    let logFile = folder.appendingPathComponent("train.csv")
    let seed = UInt32(truncatingIfNeeded: plan.seed)
    if let kept = try snapshot.read() {
      transformer = try Transformer(plan.model, parameters: [kept.parameters], on: device)
      optimiser = try AdamOptimiser(transformer, learningRate: plan.learningRate)
      try optimiser.restore((kept.firstMoment, kept.secondMoment), step: kept.state.step, device)
      dataStream = kept.state.dataStream
      step = kept.state.step
      accuracies = kept.state.accuracies
      secondsBefore = kept.state.seconds
      let earlier = try TrainingLog.read(from: logFile).prefix { $0.step <= kept.state.step }
      guard earlier.count == step else {
        throw StudyError.damagedState(
          file: logFile.deletingLastPathComponent().path,
          detail: "its train.csv lacks steps before \(step), where the training stopped")
      }
      log = try TrainingLog(creating: logFile)
      for line in earlier { try log.append(step: line.step, loss: line.loss, accuracy: line.accuracy) }
      // Now: a run killed before its next measurement must find them again.
      try log.flush()
      lastLoss = earlier.last?.loss
      supervisor.report(.resumed(step: step))
    } else {
      var parameterStream = MersenneTwister(seed: seed)
      let parameters = ParameterLayout(plan.model).initialParameters(from: &parameterStream)
      transformer = try Transformer(plan.model, parameters: [parameters], on: device)
      optimiser = try AdamOptimiser(transformer, learningRate: plan.learningRate)
      dataStream = MersenneTwister(seed: seed)
      log = try TrainingLog(creating: logFile)
    }
  }

  /// One step; its loss stays on the device until some are read together.
  mutating func takeStep(reports: Bool) throws {
    let samples = plan.task.samples(
      plan.batchSize, length: plan.studyProtocol.trainingLengths, from: &dataStream)
    let batch = try Batch(
      plan.studyProtocol.trainingLayout.sequences(samples), .distinct, for: plan.model, on: transformer.device
    )
    transformer.lossSlot = unread.count
    try transformer.computeGradients(batch)
    try optimiser.update(transformer)
    step += 1
    unread.append(step)
    if reports || unread.count == Transformer.lossSlots || step % 20 == 0 { try readLosses() }
  }

  private mutating func readLosses() throws {
    let losses = try transformer.readLosses(slots: 0..<unread.count)
    try flushLog()
    for (step, loss) in zip(unread, losses) {
      guard loss.isFinite else { throw ModelError.diverged(step: step) }
      pending.append(TrainingLog.Step(step: step, loss: Double(loss)))
      lastLoss = Double(loss)
    }
    unread = []
    if let lastLoss { supervisor.report(.step(step, of: plan.maxSteps, loss: lastLoss)) }
  }

  mutating func record(accuracy: Double) throws {
    accuracies.append(RunRecord.Training.Accuracy(step: step, accuracy: accuracy))
    if let last = pending.indices.last { pending[last].accuracy = accuracy }
    supervisor.report(.accuracy(accuracy, step: step))
  }

  private mutating func flushLog() throws {
    for line in pending { try log.append(step: line.step, loss: line.loss, accuracy: line.accuracy) }
    pending = []
  }

  private var seconds: Double { secondsBefore + Date().timeIntervalSince(started) }

  /// All that is needed to go on from here, bit for bit.
  mutating func writeSnapshot() throws {
    try flushLog()
    try log.flush()
    let device = transformer.device
    let moments = try optimiser.readMoments(device)
    try snapshot.write(
      TrainingSnapshot.Kept(
        state: TrainingSnapshot.State(
          step: step, accuracies: accuracies, seconds: seconds, dataStream: dataStream),
        parameters: try transformer.parameters(ofModel: 0), firstMoment: moments.first,
        secondMoment: moments.second))
  }

  mutating func interrupt() throws {
    if !unread.isEmpty { try readLosses() }
    try writeSnapshot()
  }

  mutating func finish(converged: Bool) throws -> TrainedModel {
    try flushLog()
    try log.flush()
    return TrainedModel(
      checkpoint: Checkpoint(
        configuration: plan.model, parameters: try transformer.parameters(ofModel: 0)),
      dataStream: dataStream,
      training: RunRecord.Training(
        steps: step, converged: converged, accuracies: accuracies, finalLoss: lastLoss, seconds: seconds))
  }
}
