import Compute
import Foundation
import Records
import Transformer

/// Runs of one configuration over tasks and seeds, in one folder. Finished runs are skipped, unfinished ones
/// continue.
///
/// ```swift
/// let options = try OptionsFile(text: "{tasks: sort, seeds: 1-3}", name: "options").options
/// let study = try Study(options.plans(), on: device, in: folder)
/// let records = try study.run()
/// ```
package struct Study {
  package let plans: [RunPlan]
  package let device: any Device
  package let folder: StudyFolder
  package let ensemble: EnsembleSize
  package let supervisor: Supervisor

  /// - Throws: `StudyError.impossible`, `ModelError.configuration`.
  package init(
    _ plans: [RunPlan], on device: any Device, in folder: URL, ensemble: EnsembleSize = .auto,
    supervisor: Supervisor = Supervisor()
  ) throws {
    for plan in plans { try plan.validate(on: device) }
    self.plans = plans
    self.device = device
    self.folder = StudyFolder(folder)
    self.ensemble = ensemble
    self.supervisor = supervisor
  }

  /// Carries out all plans that have no record yet.
  ///
  /// - Returns: all records of the folder: those of this study, and earlier ones of the same configuration.
  /// - Throws: `StudyError.failed` if trainings diverged, after everything else is done; `RecordError` for a
  ///   folder that is in use, damaged or not writable; `StudyError`, or what a device throws.
  package func run() throws -> [RunRecord] {
    try folder.create()
    let lock = try folder.lock()
    return try withExtendedLifetime(lock) {
      folder.removeUnfinishedReports()
      let failures = try run(pending())
      guard failures.isEmpty else { throw StudyError.failed(failures) }
      return try collect()
    }
  }

  /// The plans that have no record yet, in their order; the others are reported as skipped.
  ///
  /// - Throws: `StudyError.differentConfiguration` where the folder holds runs of another configuration; `RecordError`.
  package func pending() throws -> [RunPlan] {
    try refuseOtherConfigurations()
    return try plans.filter { plan in
      guard try folder.readRecord(task: plan.task.name, seed: plan.seed) != nil,
        try folder.isFinished(task: plan.task.name, seed: plan.seed, withRigorous: plan.rigorousMeasures)
      else { return true }
      StudyRun(plan, in: folder).removeLeftovers(on: device)
      supervisor.report(.runSkipped(task: plan.task.name, seed: plan.seed))
      return false
    }
  }

  /// Trains and measures, and writes the records.
  ///
  /// - Parameter plans: of one configuration, without records.
  /// - Returns: the trainings that diverged.
  /// - Throws: as `run()`; `StudyError.busy` for runs that other processes work on, after everything else is done.
  package func run(_ plans: [RunPlan]) throws -> [FailedRun] {
    guard let plan = plans.first else { return [] }
    let runs = plans.map { StudyRun($0, in: folder) }
    let trainings = runs.reduce(0) { $0 + $1.trainings.count }
    var size = try ensembleSize(plan, trainings: trainings)
    var (failures, busy): ([FailedRun], [(name: RunName, holder: String)]) = ([], [])
    // A device that was too small for a group is too small for those that follow.
    for group in groups(runs, size) {
      let taken = try group.filter { run in
        switch try run.take() {
        case .taken:
          // Why an earlier attempt failed is no news of this one.
          RunState.remove(in: run.place)
          return true
        case .finished: supervisor.report(.runSkipped(task: run.name.task, seed: run.name.seed))
        case .held(let holder): busy.append((run.name, holder))
        }
        return false
      }
      failures += try work(on: taken, models: &size)
    }
    guard busy.isEmpty else { throw StudyError.busy(busy.map { "\($0.name) (\($0.holder))" }, failures) }
    return failures
  }

  /// The number of models to train side by side.
  ///
  /// - Parameters:
  ///   - plan: one of the runs; the others have the same settings.
  ///   - trainings: the number of trainings to be done.
  package func ensembleSize(_ plan: RunPlan, trainings: Int) throws -> Int {
    let size = try ensemble.resolve(plan, trainings: trainings, on: device, supervisor: supervisor)
    let models = min(size, trainings)
    try plan.validate(on: device, models: models)
    if let note = try plan.checkpointingNote(on: device, models: models) { supervisor.report(.note(note)) }
    return size
  }

  /// Trains and measures runs that this process has taken. Each run is measured as soon as its own trainings have
  /// finished, and given back.
  ///
  /// - Parameter models: the number of models to train side by side; less afterwards, if the device was too small.
  /// - Returns: the trainings that diverged.
  package func work(on group: [StudyRun], models: inout Int) throws -> [FailedRun] {
    var trainer = EnsembleTrainer(device: device, supervisor: supervisor, size: models)
    let owners = group.indices.flatMap { run in group[run].trainings.map { _ in run } }
    var outcomes: [Int: Result<TrainedModel, ModelError>] = [:]
    var failures: [FailedRun] = []
    try trainer.train(group.flatMap(\.trainings)) { training, outcome in
      outcomes[training] = outcome
      let own = owners.indices.filter { owners[$0] == owners[training] }
      let done = own.compactMap { outcomes[$0] }
      guard done.count == own.count else { return }
      failures += try group[owners[training]].finish(done, on: device, supervisor: supervisor)
      for training in own { outcomes[training] = nil }
    }
    models = trainer.size
    return failures
  }

  /// Every record of the folder.
  package func collect() throws -> [RunRecord] { try folder.readRecords() }

  /// Groups as many runs as have their trainings side by side (at least one run), so that records are written
  /// early.
  private func groups(_ runs: [StudyRun], _ size: Int) -> [[StudyRun]] {
    var groups: [[StudyRun]] = []
    var trainings = 0
    for run in runs {
      trainings += run.trainings.count
      if groups.isEmpty || trainings > size {
        groups.append([])
        trainings = run.trainings.count
      }
      groups[groups.count - 1].append(run)
    }
    return groups
  }

  /// Throws if the folder holds a run that differs in more than task and seed.
  private func refuseOtherConfigurations() throws {
    guard let plan = plans.first else { return }
    try refuseOthers(than: plan, in: folder)
    if let rigorous = plan.rigorous, try FileKind.of(folder.rigorous.url) != nil {
      try refuseOthers(than: rigorous, in: folder.rigorous)
    }
  }

  private func refuseOthers(than plan: RunPlan, in folder: StudyFolder) throws {
    for record in try folder.readRecords() {
      var wanted = RunOrigin(plan, on: device)
      (wanted.task, wanted.seed) = (record.task, record.seed)
      try RunOrigin(record).require(wanted, in: folder.url.path)
    }
  }
}
