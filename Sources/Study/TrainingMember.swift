import Compute
import Errors
import Foundation
import RandomStreams
import Records
import Tasks
import Transformer

/// One training in progress, except for the part of its state that is on the device: its data stream, its
/// log, its measurements.
final class TrainingMember {
  let training: Training
  /// The state after the last step's batch and the last measurement.
  var dataStream: DataStream
  private(set) var step: Int
  /// Set once a loss was not finite, which ends the training.
  private(set) var failure: ModelError?
  private(set) var lastLoss: Double?
  private var accuracies: [RunRecord.Training.Accuracy] = []
  private var gradientNorms: [RunRecord.Training.GradientNorms] = []
  /// The step to be logged next, complete except for its accuracy, which may follow.
  private var pending: [TrainingLog.Step] = []
  private let secondsBefore: Double
  private var started = Date()
  private var log: TrainingLog?
  private let snapshot: TrainingSnapshot
  /// [steps]: the losses of all steps so far.
  private var losses: [Float] = []
  /// Whether it starts from a snapshot.
  private let isContinued: Bool

  var plan: TrainingPlan { training.plan }
  var isAtEnd: Bool { step >= plan.maxSteps }
  /// The step after which the member is measured or ends.
  var nextStop: Int {
    min((step / plan.evaluationInterval + 1) * plan.evaluationInterval, plan.maxSteps)
  }
  /// Whether the regular measurement after this step is due.
  var isMeasurementMissing: Bool {
    step > 0 && step % plan.evaluationInterval == 0 && accuracies.last?.step != step
  }

  /// Whether an unconverged training is measured once more after its last step. Like the published program, it is on new samples
  /// of a task, even where the regular measurement was after that step.
  var isMeasuredAtEnd: Bool {
    plan.maxSteps > 0 && (plan.data == nil || accuracies.last?.step != step)
  }

  /// Continues from the folder's snapshot, or begins.
  ///
  /// - Throws: `StudyError` for a snapshot or a log that cannot be continued.
  init(_ training: Training, on device: any Device) throws {
    self.training = training
    snapshot = TrainingSnapshot(
      folder: training.folder, plan: training.plan, device: device, experiment: training.name.experiment)
    guard let kept = try snapshot.read() else {
      (step, dataStream, secondsBefore) = (0, training.plan.stream(.trainingData), 0)
      isContinued = false
      return
    }
    isContinued = true
    (step, dataStream) = (kept.state.step, kept.state.dataStream)
    (accuracies, secondsBefore) = (kept.state.accuracies, kept.state.seconds)
    gradientNorms = kept.state.gradientNorms
    losses = try kept.losses ?? Self.loggedLosses(training, before: snapshot, step: step)
    lastLoss = losses.last.map(Double.init)
  }

  /// The losses that the log holds up to `step`, where a snapshot without losses was taken.
  ///
  /// - Throws: `StudyError.damagedState`: the training can only go on with its log, or start again without its snapshot.
  private static func loggedLosses(
    _ training: Training, before snapshot: TrainingSnapshot, step: Int
  ) throws -> [Float] {
    let file = logFile(training)
    func damaged(_ detail: String) -> StudyError {
      .damagedState(file: file.path, detail: detail, delete: [snapshot.file.path])
    }
    let log: [TrainingLog.Step]
    do {
      log = try TrainingLog.read(from: file).filter { $0.step <= step }
    } catch RecordError.damaged(_, let reason) {
      throw damaged("\(reason) is damaged")
    } catch RecordError.unreadable(_, let reason) {
      throw damaged(reason)
    }
    guard log.map(\.step) == Array(0..<step).map({ $0 + 1 }) else {
      throw damaged("it lacks steps before \(step), where the training stopped")
    }
    return log.map { Float($0.loss) }
  }

  /// The log's rows of all steps so far. A step that was measured twice has its first accuracy.
  private var rows: [TrainingLog.Step] {
    let measured = Dictionary(accuracies.map { ($0.step, $0) }) { first, _ in first }
    return losses.enumerated().map { index, loss in
      let measurement = measured[index + 1]
      return TrainingLog.Step(
        step: index + 1, loss: Double(loss), accuracy: measurement?.accuracy,
        heldOutLoss: measurement?.heldOutLoss)
    }
  }

  private static func logFile(_ training: Training) -> URL {
    training.folder.appendingPathComponent("train.csv")
  }

  /// Opens the log, and brings the parameters and moments that the training starts from to the device. Called once.
  func begin(_ model: Int, of transformer: Transformer, _ optimiser: AdamOptimiser) throws {
    guard log == nil else { throw InternalError("\(training.name) is already being trained") }
    started = Date()
    if isContinued {
      try snapshot.load(into: ModelState(transformer, optimiser, model: model))
    } else {
      var stream = plan.stream(.initialisation)
      try transformer.write(transformer.layout.initialParameters(from: &stream), toModel: model)
    }
    // The log follows from the snapshot, whatever has become of the file. A step that is still to be measured waits for
    // its accuracy, as in a training that goes on.
    var rows = rows
    if let last = rows.last, last.accuracy == nil { pending = [rows.removeLast()] }
    log = try TrainingLog(
      creating: Self.logFile(training), steps: rows, hasHeldOutLoss: plan.data != nil)
  }

  /// The sequences of a measurement, from the data stream or from a stream for this step.
  func drawMeasured() -> [TokenSequence] {
    guard plan.randomness == .byPurpose else { return plan.source.measured(from: &dataStream) }
    var own = DataStream(
      CounterStream(seed: UInt64(plan.seed), purpose: .evaluation).split(UInt64(step)))
    return plan.source.measured(from: &own)
  }

  /// Records that a step was taken on a batch after which the stream has this state.
  func advance(_ stream: DataStream) {
    step += 1
    dataStream = stream
  }

  /// - Parameter losses: the losses of the steps since the last call; the last one belongs to the current
  ///   step.
  func record(losses: [Float]) throws {
    try flushLog()
    for (index, loss) in losses.enumerated() where failure == nil {
      let step = step - losses.count + 1 + index
      guard loss.isFinite else {
        return try diverge(at: step)
      }
      pending.append(TrainingLog.Step(step: step, loss: Double(loss)))
      self.losses.append(loss)
      lastLoss = Double(loss)
    }
  }

  /// Notes that the training has come to numbers that are not finite.
  func diverge(at step: Int) throws {
    // Numbers of this format end at 65,504.
    let advice = plan.activations == .half ? "\(StudyOption.activations.flag) bfloat16" : nil
    failure = .diverged(step: step, advice: advice)
    try flushLog()
  }

  /// - Parameter scores: of the sequences drawn for this measurement.
  /// - Returns: whether the measurement ends the training.
  func record(_ scores: [TargetScore]) -> Bool {
    let measurement = plan.goal.measurement(scores, step: step)
    accuracies.append(measurement)
    if let last = pending.indices.last {
      (pending[last].accuracy, pending[last].heldOutLoss) = (measurement.accuracy, measurement.heldOutLoss)
    }
    return plan.goal.isReached(accuracies)
  }

  var lastMeasurement: RunRecord.Training.Accuracy? { accuracies.last }

  /// - Parameter gradientNorms: [components], of the step that was just taken.
  func record(gradientNorms values: [Double]) {
    gradientNorms.append(RunRecord.Training.GradientNorms(step: step, values: values))
  }

  private func flushLog() throws {
    for line in pending { try log?.append(line) }
    pending = []
  }

  private var seconds: Double { secondsBefore + Date().timeIntervalSince(started) }

  /// Excludes a time in which the member waited from its training time.
  func excludeTime(_ time: Range<Date>) {
    started += time.upperBound.timeIntervalSince(time.lowerBound)
  }

  /// Writes everything needed to continue from here, bit for bit.
  func writeSnapshot(_ model: ModelState) throws {
    try syncLog()
    try snapshot.write(
      TrainingSnapshot.State(
        step: step, accuracies: accuracies, gradientNorms: gradientNorms, seconds: seconds,
        dataStream: dataStream),
      losses: losses, model)
  }

  /// The log is on the disk before what rests on it.
  private func syncLog() throws {
    try flushLog()
    try log?.sync()
  }

  /// The result of the training, written to the folder if the model is kept.
  ///
  /// - Parameter splits: the scores of the source's final splits, by sequence.
  func finish(
    parameters: [Float], converged: Bool, splits: [String: [TargetScore]], on device: any Device
  ) throws -> TrainedModel {
    try syncLog()
    var model = TrainedModel(
      checkpoint: Checkpoint(configuration: plan.model, parameters: parameters), dataStream: dataStream,
      training: RunRecord.Training(
        steps: step, converged: converged, accuracies: accuracies, finalLoss: lastLoss, seconds: seconds,
        gradientNorms: gradientNorms))
    if plan.data != nil {
      model.splits = splits.mapValues { SplitScore($0, areBytes: plan.data?.kind == .text) }
    }
    if training.keepsModel {
      try model.write(to: training.folder, origin: RunOrigin(plan, on: device))
      training.removeSnapshot(on: device)
    }
    return model
  }
}
