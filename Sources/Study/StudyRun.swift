import AtomicFile
import Compute
import Foundation
import Records
import Transformer

/// One run of a study: the trainings that it needs, and the record that follows.
package final class StudyRun {
  package let plan: RunPlan
  /// The main training, and the second training if the protocol has one.
  let ofRecord: [Training]
  /// Those that are needed now: what a record lacks of further measures needs the main training alone.
  let trainings: [Training]
  private let folder: StudyFolder
  private var claim: RunClaim?

  /// What an attempt to take a run finds.
  package enum Attempt: Equatable, Sendable {
    case taken
    /// The run has its record.
    case finished
    /// Another process is working on it.
    case held(by: String)
  }

  package init(_ plan: RunPlan, in folder: StudyFolder) {
    self.plan = plan
    self.folder = folder
    let place = folder.run(task: plan.task.name, seed: plan.seed)
    let second = BloatPruning.training(plan, in: place.appendingPathComponent("table6"))
    ofRecord = [Training(plan, in: place)] + (second.map { [$0] } ?? [])
    let hasRecord = (try? folder.isFinished(task: plan.task.name, seed: plan.seed)) ?? false
    trainings = hasRecord ? Array(ofRecord.prefix(1)) : ofRecord
  }

  package var name: RunName { RunName(task: plan.task.name, seed: plan.seed) }
  package var trainingCount: Int { trainings.count }
  /// The folder of the run.
  package var place: URL { folder.run(task: plan.task.name, seed: plan.seed) }

  /// Takes the run for this process, and makes its folders.
  ///
  /// - Throws: `RecordError`.
  package func take() throws -> Attempt {
    if try isFinished { return .finished }
    switch try RunClaim.take(place) {
    case .held(let holder): return .held(by: holder)
    case .taken(let claim):
      // Another process may have finished it in between.
      guard try !isFinished else {
        claim.removeFile()
        return .finished
      }
      self.claim = claim
    }
    for training in trainings { try StudyFolder.create(training.folder) }
    return .taken
  }

  /// Removes what a process left that was killed after it had written the run's record.
  func removeLeftovers(on device: any Device) {
    for training in ofRecord {
      training.removeSnapshot(on: device)
      removeUnfinishedWrites(in: training.folder)
    }
  }

  /// Gives the run back, for others to take.
  package func release() { claim = nil }

  private var isFinished: Bool {
    get throws {
      try folder.isFinished(task: plan.task.name, seed: plan.seed, withRigorous: plan.rigorousMeasures)
    }
  }

  /// Whether another process has taken the run from this one.
  package var isLost: Bool { claim?.isLost ?? false }

  /// Measures everything, writes the records and gives the run back. What is recorded already is not measured again.
  ///
  /// - Parameter outcomes: one per training, in the same order.
  /// - Returns: the trainings that diverged; if there are any, nothing is measured.
  /// - Throws: `StudyError.interrupted`, or what a device or a disk throws.
  func finish(
    _ outcomes: [Result<TrainedModel, ModelError>], on device: any Device, supervisor: Supervisor
  ) throws -> [FailedRun] {
    var (models, failures): ([TrainedModel], [FailedRun]) = ([], [])
    for (training, outcome) in zip(trainings, outcomes) {
      switch outcome {
      case .success(let model): models.append(model)
      case .failure(let error): failures.append(FailedRun(name: training.name, reason: "\(error)"))
      }
    }
    guard failures.isEmpty, let model = models.first else {
      try record(failures, on: device)
      release()
      return failures
    }
    supervisor.report(.runStarted(task: plan.task.name, seed: plan.seed))
    let device = StoppableDevice(device, supervisor: supervisor)
    let record =
      try folder.readRecord(task: name.task, seed: name.seed)
      ?? measure(model, second: models.dropFirst().first, on: device, supervisor)
    if let further = try Analysis(plan, on: device, supervisor: supervisor).rigorous(model, beside: record) {
      let file = folder.rigorous.record(task: name.task, seed: name.seed)
      try StudyFolder.create(file.deletingLastPathComponent())
      guard !isLost else { throw StudyError.takenOver(name) }
      try further.write(to: file)
    }
    for training in trainings { training.removeSnapshot(on: device) }
    RunState.remove(in: place)
    claim?.removeFile()
    release()
    supervisor.report(.runFinished(record))
    return []
  }

  /// Measures what the protocol measures, and writes the record.
  private func measure(
    _ model: TrainedModel, second: TrainedModel?, on device: any Device, _ supervisor: Supervisor
  ) throws -> RunRecord {
    var record = try Analysis(plan, on: device, supervisor: supervisor).analyse(model)
    if let second {
      var timings = Timings()
      timings.add(second.training?.seconds ?? 0, to: "table6")
      record.table6 = try timings.measure("table6") {
        try BloatPruning(plan: plan, device: device, supervisor: supervisor).run(second)
      }
      record.timings.merge(timings.seconds) { $1 }
    }
    record.timings["training"] = model.training?.seconds
    guard !isLost else { throw StudyError.takenOver(name) }
    try record.write(to: folder.record(task: name.task, seed: name.seed))
    return record
  }

  /// Leaves in the run's folder why it has no record, for later reports. A worker of a sweep has begun a state there already.
  private func record(_ failures: [FailedRun], on device: any Device) throws {
    var state =
      RunState.read(in: place) ?? RunState(phase: .failed, device: device.description.selector, attempts: 1)
    state.phase = .failed
    state.cause = failures.map(\.cause).joined(separator: "; ")
    try state.write(in: place)
  }
}
