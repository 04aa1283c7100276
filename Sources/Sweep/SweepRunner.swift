import AtomicFile
import Compute
import Devices
import Errors
import Foundation
import Records
import Study
import Transformer

/// Runs a sweep on this machine: workers in processes of their own, watched until nothing is left to do.
package final class SweepRunner {
  package struct Options: Sendable {
    /// Selectors, `auto`, or `all`.
    package var devices = ["auto"]
    package var shard = Shard.whole
    package var threads: Int?
    package var keep = Kept.models
    package var failsFast = false
    package var ensemble = "auto"
    package var checkpointing = ActivationCheckpointing.auto
    /// Statuses of runs to try again.
    package var retry: Set<RunStatus> = []
    /// Whether to wait for runs that processes elsewhere work on.
    package var waits = true
    /// Seconds after which a worker is stopped and started again, over and over, as a scheduler might do.
    package var preemption: Double?

    package init() {}
  }

  let folder: SweepFolder
  let plan: SweepPlan
  let options: Options
  private let runs: [SweepPlan.Run]
  private let scan: SweepScan
  private let events: EventLog
  private let say: (String) -> Void
  private let show: (SweepProgress) -> Void
  private let shouldStop: () -> Bool
  private var workers: [Worker] = []
  private var unfinished: [SweepPlan.Run] = []
  private var doneBefore = 0
  /// Whether nothing is left but to wait for other processes, which is said once.
  private var isWaiting = false
  /// When workers were last started because none was left: the runs unfinished then, and whether one was killed since.
  private var leftAtLastRound = Int.max
  private var hasCrashed = false
  private let began = ContinuousClock.now

  /// A process, and how often it had to be started again without having finished a run.
  private struct Worker {
    let place: WorkerPlacement.Place
    let number: Int
    var process: WorkerProcess
    var isEnded = false
    var isPreempted = false
    var crashes = 0
    /// Why it is not started again.
    var end: String?
  }

  /// - Parameters:
  ///   - say: receives lines for people.
  ///   - show: receives the state of the sweep every second or so.
  package init(
    _ folder: SweepFolder, _ plan: SweepPlan, _ options: Options, say: @escaping (String) -> Void,
    show: @escaping (SweepProgress) -> Void, shouldStop: @escaping () -> Bool
  ) {
    self.folder = folder
    self.plan = plan
    self.options = options
    runs = plan.runs.filter(options.shard.contains)
    scan = SweepScan(folder, plan)
    events = EventLog(folder)
    self.say = say
    self.show = show
    self.shouldStop = shouldStop
  }

  /// How a shard stands in the end.
  package struct End: Sendable {
    package var progress: SweepProgress
    /// Whether it was stopped on request, with the work of all workers kept.
    package var isInterrupted = false
  }

  /// Works until every run of the shard is done or has failed, or until it is asked to stop.
  ///
  /// - Throws: `SweepError.noSpace`; `SweepError`, `RecordError` for what keeps the sweep from beginning.
  package func run() throws -> End {
    for folder in [folder.studies, folder.logs] { try StudyFolder.create(folder) }
    try retry()
    unfinished = try scan.unfinished(runs)
    doneBefore = runs.count - unfinished.count
    let reports = try look()
    guard hasClaimable(reports) || isWorthWaiting(reports) else { return End(progress: progress(reports)) }
    try requireSpace()
    let placement = try place()
    if placement.sharesProcessors {
      say("note: other sweeps compute on the same processors; both will be slower")
    }
    for rate in placement.rates {
      say(rate.text + (placement.isRemembered ? ", as measured before" : ""))
    }
    for (number, place) in placement.places.enumerated() { try start(place, number) }
    events.add(.started, detail: placement.places.map(\.text).joined(separator: "; "))
    leftAtLastRound = unfinished.count
    let isInterrupted = try withExtendedLifetime(placement) { try watch() }
    let end = try progress(look())
    try write(end)
    if !isInterrupted { events.add(.ended, detail: end.text) }
    return End(progress: end, isInterrupted: isInterrupted)
  }

  /// Makes runs of the statuses that are to be tried again as good as interrupted.
  private func retry() throws {
    guard !options.retry.isEmpty else { return }
    for (run, report) in try scan.standings(runs) where options.retry.contains(report.status) {
      let place = folder.study(of: run, in: plan).run(task: run.task, seed: run.seed)
      guard case .taken(let claim) = try RunClaim.take(place), var state = RunState.read(in: place) else {
        continue
      }
      try withExtendedLifetime(claim) {
        (state.phase, state.losses) = (.interrupted, 0)
        try state.write(in: place)
      }
      events.add(.retried, run: run.description)
    }
  }

  private func place() throws -> WorkerPlacement {
    let devices = try SweepDevices(options.devices).devices
    guard let largest = try largestRun() else { throw InternalError("a sweep without runs is to be placed") }
    return try WorkerPlacement(devices, largest, runs: unfinished.count, threads: options.threads)
  }

  private func largestRun() throws -> RunPlan? {
    let run = unfinished.max { size($0) < size($1) }
    return try run.map { try plan.plan(of: $0, options.checkpointing) }
  }

  private func size(_ run: SweepPlan.Run) -> Int {
    ParameterLayout(plan.settings[run.setting].settings.model.configuration).count
  }

  private func start(_ place: WorkerPlacement.Place, _ number: Int) throws {
    workers.append(Worker(place: place, number: number, process: try makeProcess(place, number)))
  }

  private func makeProcess(_ place: WorkerPlacement.Place, _ number: Int) throws -> WorkerProcess {
    let log = "\(ProcessInfo.processInfo.hostName)-\(getpid())-\(number).log"
    let order = WorkerOrder(
      device: place.device, threads: place.threads, processors: place.processors?.text,
      shard: options.shard.description, keep: options.keep.rawValue, failFast: options.failsFast,
      ensemble: options.ensemble, checkpointing: options.checkpointing.rawValue, log: log)
    return try WorkerProcess(
      order, arguments: ["sweep", "work", folder.url.path, try order.text()],
      log: folder.logs.appendingPathComponent(log))
  }

  // MARK: Watching

  /// - Returns: whether it was asked to stop.
  private func watch() throws -> Bool {
    var (isStopping, isFull) = (false, false)
    var (nextLook, nextPreemption) = (ContinuousClock.now, preemptionTime())
    while true {
      try reap(isStopping: isStopping)
      let running = workers.indices.filter { !workers[$0].isEnded }
      if !isStopping, shouldStop() {
        isStopping = true
        stop(running)
      }
      if running.isEmpty {
        if isFull {
          try write(progress(look()))
          try requireSpace()
        }
        if isStopping { return true }
        guard try goOn() else { return false }
      }
      if let time = nextPreemption, ContinuousClock.now >= time, !isStopping,
        let victim = running.randomElement()
      {
        events.add(.preempted, detail: workers[victim].place.text)
        workers[victim].isPreempted = true
        workers[victim].process.send(SIGTERM)
        nextPreemption = preemptionTime()
      }
      if ContinuousClock.now >= nextLook {
        let began = ContinuousClock.now
        let progress = try progress(look())
        try write(progress)
        show(progress)
        if !isStopping, !hasSpace {
          (isStopping, isFull) = (true, true)
          stop(running)
        }
        if options.failsFast, !isStopping, progress.count(.failed) > 0 { stop(running) }
        // Looking at a large sweep must not take the time of computing it.
        nextLook = .now + max(.seconds(1), (ContinuousClock.now - began) * 50)
      }
      usleep(50_000)
    }
  }

  private func stop(_ running: [Int]) {
    for place in running { workers[place].process.send(SIGTERM) }
  }

  private func preemptionTime() -> ContinuousClock.Instant? {
    options.preemption.map { .now + .seconds(.random(in: 0.5...1.5) * $0) }
  }

  /// Looks which workers have ended, says why, and starts those again that may go on.
  private func reap(isStopping: Bool) throws {
    for index in workers.indices where !workers[index].isEnded && !workers[index].process.isRunning {
      let worker = workers[index]
      workers[index].isEnded = true
      switch worker.process.end {
      case .code(0): break
      case .code(130):
        if worker.isPreempted, !isStopping { try startAgain(index) }
      case .signal(let signal) where isOurs(signal):
        // It came before the worker listened, so it had taken no run yet.
        if worker.isPreempted, !isStopping { try startAgain(index) }
      case .code(let code):
        workers[index].end = worker.process.lastLine ?? "exit code \(code)"
        say("the worker on \(worker.place.text) has ended: \(workers[index].end ?? "")")
      case .signal(let signal):
        let reason = "killed by signal \(signal) (\(String(cString: strsignal(signal))))"
        events.add(.lost, detail: "the worker on \(worker.place.text) was \(reason)")
        say("the worker on \(worker.place.text) was \(reason); its runs continue from their last snapshots")
        hasCrashed = true
        // What a run costs is counted with the run; a worker that ends before it has taken one will not fare better.
        workers[index].crashes = worker.process.message == nil ? worker.crashes + 1 : 0
        if workers[index].crashes > RunState.mostLosses {
          workers[index].end = reason
        } else if !isStopping {
          try startAgain(index)
        }
      }
    }
  }

  /// Whether a signal is one with which workers are stopped.
  private func isOurs(_ signal: Int32) -> Bool { [SIGTERM, SIGINT, SIGHUP].contains(signal) }

  private func startAgain(_ index: Int) throws {
    workers[index].process = try makeProcess(workers[index].place, workers[index].number)
    (workers[index].isEnded, workers[index].isPreempted) = (false, false)
  }

  /// With no worker running: starts some again if runs are left that they may take, or waits for other processes.
  ///
  /// - Returns: whether there is anything to wait for.
  private func goOn() throws -> Bool {
    let reports = try look()
    if options.failsFast, reports.contains(where: { $0.status == .failed }) { return false }
    let usable = workers.indices.filter { workers[$0].end == nil }
    if hasClaimable(reports) {
      // Runs that nobody could take in a whole round will not be taken in the next one.
      guard !usable.isEmpty, unfinished.count < leftAtLastRound || hasCrashed else { return false }
      (leftAtLastRound, hasCrashed) = (unfinished.count, false)
      for index in usable { try startAgain(index) }
      return true
    }
    guard isWorthWaiting(reports) else { return false }
    sleep(1)
    return true
  }

  /// Whether there are runs that a worker could take now.
  private func hasClaimable(_ reports: [RunReport]) -> Bool {
    reports.contains { report in
      switch report.status {
      case .pending, .interrupted: true
      case .lost: !report.isGivenUp
      case .running, .done, .failed: false
      }
    }
  }

  private func isWorthWaiting(_ reports: [RunReport]) -> Bool {
    guard options.waits else { return false }
    let held = reports.filter { $0.status == .running }
    if let first = held.first, !isWaiting {
      say("waiting for \(counted(held.count, "run")) of other processes, \(first.run) among them")
    }
    isWaiting = !held.isEmpty
    return isWaiting
  }

  /// Looks how the unfinished runs stand, and which of them are finished now.
  private func look() throws -> [RunReport] {
    let standings = try scan.standings(unfinished)
    unfinished = standings.map(\.run)
    return standings.map(\.report)
  }

  private func progress(_ reports: [RunReport]) -> SweepProgress {
    let hours = (ContinuousClock.now - began) / .seconds(3600)
    let done = runs.count - unfinished.count - doneBefore
    return SweepProgress(
      runs: runs.count, reports: reports,
      workers: workers.filter { !$0.isEnded }.map { worker in
        SweepProgress.Worker(
          device: worker.place.text, process: worker.process.identifier, title: worker.process.message?.title,
          step: worker.process.message?.step, total: worker.process.message?.total)
      }, runsPerHour: done > 0 ? Double(done) / hours : nil)
  }

  private func write(_ progress: SweepProgress) throws {
    try writeAtomically(RecordCoding.encode(progress), to: folder.status)
  }

  // MARK: The disk

  private var needed: Int {
    let working = plan.settings.map { DiskSpace.working($0.settings) }.max() ?? 0
    return max(1, workers.count) * working + 4 << 20
  }

  private var hasSpace: Bool { DiskSpace.free(at: folder.url).map { $0 >= needed } ?? true }

  private func requireSpace() throws {
    guard let free = DiskSpace.free(at: folder.url), free < needed else { return }
    throw SweepError.noSpace(
      folder: folder.url.path, free: free, needed: needed, keepsNothing: options.keep == .none)
  }
}

extension WorkerPlacement.Place {
  /// `cpu, 2 threads`
  var text: String { device + (threads.map { ", \(counted($0, "thread"))" } ?? "") }
}
