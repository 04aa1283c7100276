import AtomicFile
import Compute
import Errors
import Foundation
import Records
import Study

/// What runs leave on the disk beside their records.
package enum Kept: String, Sendable, CaseIterable {
  /// Models and logs.
  case models
  /// Nothing.
  case none
}

/// Takes runs of a sweep on one device, one group after the other, until none is left to take.
///
/// It belongs to one thread, the one that calls `work()`; progress is reported on that thread, too.
package final class SweepWorker: @unchecked Sendable {
  /// What a worker has done.
  package struct Outcome: Sendable {
    package var done = 0
    package var failed = 0
  }

  private let folder: SweepFolder
  private let plan: SweepPlan
  private let device: any Device
  private let kept: Kept
  private let failsFast: Bool
  private let ensemble: EnsembleSize
  private let checkpointing: ActivationCheckpointing
  private let log: String
  private let supervisor: Supervisor
  private let events: EventLog
  private var left: [SweepPlan.Run]
  /// Runs taken and not settled.
  private var open: [Taken] = []
  private var sizes: [Int: Int] = [:]
  private var outcome = Outcome()
  /// Errors in a row that were no run's own fault.
  private var errorsInARow = 0

  /// A worker ends after this number of errors in a row: device or disk are probably at fault, and not the runs.
  private static let mostErrors = 3

  /// - Parameters:
  ///   - runs: those to be considered, in order.
  ///   - log: the name of the file in the folder's `logs` that has this worker's lines.
  package init(
    _ folder: SweepFolder, _ plan: SweepPlan, _ runs: [SweepPlan.Run], on device: any Device,
    keeping kept: Kept, failsFast: Bool, ensemble: EnsembleSize,
    checkpointing: ActivationCheckpointing = .auto, log: String, supervisor: Supervisor
  ) {
    self.folder = folder
    self.plan = plan
    self.device = device
    self.kept = kept
    self.failsFast = failsFast
    self.ensemble = ensemble
    self.checkpointing = checkpointing
    self.log = log
    self.supervisor = supervisor
    events = EventLog(folder, device: device.description.selector)
    left = runs
  }

  /// - Returns: what was done; runs that others work on, and failed ones, may be left.
  /// - Throws: `StudyError.interrupted`; what device or disk throw again and again.
  package func work() throws -> Outcome {
    left = try SweepScan(folder, plan).unfinished(left)
    while let group = try nextGroup() {
      try work(on: group)
      if failsFast, outcome.failed > 0 { break }
    }
    return outcome
  }

  /// A run that this worker has taken.
  private struct Taken {
    let run: SweepPlan.Run
    let work: StudyRun
    var state: RunState
    let since = ContinuousClock.now
  }

  /// The next runs of one setting that train side by side; nil where none can be taken.
  ///
  /// - Throws: `StudyError.interrupted`; runs taken until then are given back.
  private func nextGroup() throws -> [Taken]? {
    var group: [Taken] = []
    var held: [SweepPlan.Run] = []
    var rest = left[...]
    while let run = rest.first, try group.isEmpty || hasRoom(group, for: run) {
      guard !supervisor.shouldStop() else {
        for taken in group { try interrupt(taken, "stopped on request") }
        throw StudyError.interrupted
      }
      do {
        switch try take(run) {
        case .taken(let taken):
          // What has cost a worker before is tried alone, so that it is known what was at fault.
          if taken.state.losses > 0, !group.isEmpty {
            try interrupt(taken, "waits to be tried alone")
            left = held + rest
            return group
          }
          group.append(taken)
        case .held: held.append(run)
        case .dropped: break
        }
      } catch  where !isOfTheMachine(error) {
        refuse(run, "\(error)")
      }
      rest = rest.dropFirst()
    }
    left = held + rest
    return group.isEmpty ? nil : group
  }

  /// Whether a run can join those that are taken.
  private func hasRoom(_ group: [Taken], for run: SweepPlan.Run) throws -> Bool {
    guard let first = group.first, first.run.setting == run.setting, first.state.losses == 0 else {
      return false
    }
    return try group.count < sizeOfGroup(run)
  }

  /// Notes that a run can't even be taken: its folder is not one, or its files are not what they should be.
  private func refuse(_ run: SweepPlan.Run, _ cause: String) {
    outcome.failed += 1
    events.add(.failed, run: run.description, detail: cause)
    supervisor.report(.note("\(run): \(cause)"))
    // Where the folder takes no file, the events alone say so.
    try? RunState(
      phase: .failed, cause: cause, worker: events.worker, device: device.description.selector, log: log,
      attempts: 1
    ).write(in: study(run).run(task: run.task, seed: run.seed))
  }

  private func sizeOfGroup(_ run: SweepPlan.Run) throws -> Int {
    if let size = sizes[run.setting] { return size }
    let plan = try plan.plan(of: run, checkpointing)
    let trainings = StudyRun(plan, in: study(run)).trainingCount
    let runs = left.prefix(1024).count { $0.setting == run.setting } + 1
    let models = try Study([], on: device, in: study(run).url, ensemble: ensemble, supervisor: supervisor)
      .ensembleSize(plan, trainings: runs * trainings)
    sizes[run.setting] = max(1, models / trainings)
    return max(1, models / trainings)
  }

  private func study(_ run: SweepPlan.Run) -> StudyFolder { folder.study(of: run, in: plan) }

  private enum Attempt {
    case taken(Taken)
    /// Another process has it.
    case held
    /// It has its record, or is not to be tried again.
    case dropped
  }

  private func take(_ run: SweepPlan.Run) throws -> Attempt {
    let work = StudyRun(try plan.plan(of: run, checkpointing), in: study(run))
    // Looked at first without taking it: most runs that are not to be tried are found out here.
    if let state = RunState.read(in: work.place), !state.canBeTried { return .dropped }
    switch try work.take() {
    case .finished:
      RunState.remove(in: work.place)
      return .dropped
    case .held: return .held
    case .taken: break
    }
    let before = RunState.read(in: work.place)
    if let before, !before.canBeTried { return .dropped }
    var state = RunState(
      phase: .running, worker: events.worker, device: device.description.selector, log: log,
      attempts: (before?.attempts ?? 0) + 1, losses: before?.losses ?? 0)
    if let before, before.phase == .running || before.phase == .lost {
      state.losses += before.phase == .running ? 1 : 0
      events.add(
        .lost, run: run.description,
        detail: before.cause ?? before.loss)
      if state.losses >= RunState.mostLosses {
        (state.phase, state.cause) = (
          .lost, "it has cost \(state.losses) workers; --retry lost tries it again"
        )
        try state.write(in: work.place)
        return .dropped
      }
    }
    try state.write(in: work.place)
    if let other = try work.beginAgainIfBegunElsewhere(than: device) {
      events.add(.restarted, run: run.description, detail: "begun on \(other), whose bits differ")
    }
    events.add(.claimed, run: run.description)
    return .taken(Taken(run: run, work: work, state: state))
  }

  private func work(on group: [Taken]) throws {
    guard let first = group.first else { return }
    open = group
    // Runs end one by one, while others of their group go on.
    let watching = Supervisor(
      report: { [self] progress in
        supervisor.report(progress)
        if case .runFinished(let record) = progress { settle(record.task, record.seed) }
      },
      shouldStop: { [self] in supervisor.shouldStop() || open.contains { $0.work.isLost } })
    do {
      let study = try Study([], on: device, in: study(first.run).url, supervisor: watching)
      let trainings = group.count * first.work.trainingCount
      var models = trainings
      let failures = try study.work(on: group.map(\.work), models: &models)
      // The device was too small for so many.
      if models < trainings { sizes[first.run.setting] = max(1, models / first.work.trainingCount) }
      for taken in open {
        let own = failures.filter { ($0.name.task, $0.name.seed) == (taken.run.task, taken.run.seed) }
        try fail(taken, own.isEmpty ? "it ended without a record" : own.map(\.cause).joined(separator: "; "))
      }
      errorsInARow = 0
    } catch StudyError.interrupted where supervisor.shouldStop() {
      for taken in open { try interrupt(taken, "stopped on request") }
      throw StudyError.interrupted
    } catch {
      try handle(error, open)
    }
  }

  /// Handles what ended a group before all its runs had ended.
  private func handle(_ error: any Error, _ open: [Taken]) throws {
    let (lost, own) = (open.filter(\.work.isLost), open.filter { !$0.work.isLost })
    for taken in lost {
      events.add(.lost, run: taken.run.description, detail: "\(StudyError.takenOver(taken.work.name))")
      taken.work.release()
    }
    if isOfTheMachine(error) {
      for taken in own where (try? interrupt(taken, "\(error)")) == nil {
        // A full disk has no room for the state, and without one the run is as good as interrupted, not lost.
        RunState.remove(in: taken.work.place)
        taken.work.release()
      }
      throw error
    }
    if own.count == 1, lost.isEmpty {
      try fail(own[0], "\(error)")
      errorsInARow += 1
      if errorsInARow >= Self.mostErrors { throw error }
      return
    }
    // The error of a group may be one run's; the error of a run alone is the run's.
    for (place, taken) in own.enumerated() {
      do {
        try work(on: [taken])
      } catch {
        for later in own[(place + 1)...] { try? interrupt(later, "\(error)") }
        throw error
      }
    }
  }

  /// Whether no other run would fare better: the disk is full, or gone.
  private func isOfTheMachine(_ error: any Error) -> Bool {
    if case RecordError.unwritable? = error as? RecordError { return true }
    return [ENOSPC, EDQUOT, EROFS, EIO, ESTALE].contains((error as? AtomicFileError)?.code ?? 0)
  }

  /// Settles a run that has its record.
  private func settle(_ task: String, _ seed: Int) {
    guard let place = open.firstIndex(where: { ($0.run.task, $0.run.seed) == (task, seed) }) else { return }
    let taken = open.remove(at: place)
    if kept == .none {
      do {
        try taken.work.removeModels()
      } catch {
        supervisor.report(.note("\(taken.run): \(error)"))
      }
    }
    outcome.done += 1
    events.add(.done, run: taken.run.description, seconds: seconds(taken))
  }

  private func fail(_ taken: Taken, _ cause: String) throws {
    var state = taken.state
    (state.phase, state.cause) = (.failed, cause)
    state.lastLine = lastLine(of: folder.logs.appendingPathComponent(log))
    outcome.failed += 1
    events.add(.failed, run: taken.run.description, seconds: seconds(taken), detail: cause)
    try state.write(in: taken.work.place)
    taken.work.release()
  }

  private func interrupt(_ taken: Taken, _ cause: String) throws {
    var state = taken.state
    (state.phase, state.cause) = (.interrupted, cause)
    events.add(.interrupted, run: taken.run.description, seconds: seconds(taken), detail: cause)
    try state.write(in: taken.work.place)
    taken.work.release()
  }

  private func seconds(_ taken: Taken) -> Double { (ContinuousClock.now - taken.since) / .seconds(1) }
}
