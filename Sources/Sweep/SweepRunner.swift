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

  /// Works until every run of the shard is done or has failed.
  ///
  /// - Returns: how the shard stands in the end.
  /// - Throws: `SweepError.interrupted` after all workers have kept their work; `SweepError.noSpace`; `SweepError`,
  ///   `RecordError` for what keeps the sweep from beginning.
  package func run() throws -> SweepProgress {
    for folder in [folder.studies, folder.logs] { try StudyFolder.create(folder) }
    try retry()
    unfinished = try scan.unfinished(runs)
    doneBefore = runs.count - unfinished.count
    guard try hasClaimable() || isWorthWaiting() else { return try progress() }
    try requireSpace()
    let placement = try place()
    if placement.sharesProcessors {
      say("note: other sweeps compute on the same processors; both will be slower")
    }
    for rate in placement.rates {
      say(
        "\(rate.arrangement.workers) × \(rate.arrangement.threads) threads: "
          + String(format: "%.1f steps/s", rate.stepsPerSecond))
    }
    for (number, place) in placement.places.enumerated() { try start(place, number) }
    events.add(.started, detail: placement.places.map(\.text).joined(separator: "; "))
    leftAtLastRound = unfinished.count
    try withExtendedLifetime(placement) { try watch() }
    let end = try progress()
    try write(end)
    events.add(.ended, detail: end.text)
    return end
  }

  /// Makes runs of the statuses that are to be tried again as good as interrupted.
  private func retry() throws {
    guard !options.retry.isEmpty else { return }
    for report in try scan.reports(runs) where options.retry.contains(report.status) {
      guard let run = runs.first(where: { $0.description == report.run }) else { continue }
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
    return try run.map(plan.plan)
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
      ensemble: options.ensemble, log: log)
    return try WorkerProcess(
      order, arguments: ["sweep", "work", folder.url.path, try order.text()],
      log: folder.logs.appendingPathComponent(log))
  }

  // MARK: Watching

  private func watch() throws {
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
          try write(progress())
          try requireSpace()
        }
        if isStopping {
          try write(progress())
          throw SweepError.interrupted
        }
        guard try goOn() else { return }
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
        let progress = try progress()
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
    unfinished = try scan.unfinished(unfinished)
    if options.failsFast, try progress().count(.failed) > 0 { return false }
    let usable = workers.indices.filter { workers[$0].end == nil }
    if try hasClaimable() {
      // Runs that nobody could take in a whole round will not be taken in the next one.
      guard !usable.isEmpty, unfinished.count < leftAtLastRound || hasCrashed else { return false }
      (leftAtLastRound, hasCrashed) = (unfinished.count, false)
      for index in usable { try startAgain(index) }
      return true
    }
    guard try isWorthWaiting() else { return false }
    sleep(1)
    return true
  }

  /// Whether there are runs that a worker could take now.
  private func hasClaimable() throws -> Bool {
    try scan.reports(unfinished).contains { report in
      switch report.status {
      case .pending, .interrupted: true
      case .lost: !report.isGivenUp
      case .running, .done, .failed: false
      }
    }
  }

  private func isWorthWaiting() throws -> Bool {
    guard options.waits else { return false }
    let held = try scan.reports(unfinished).filter { $0.status == .running }
    if let first = held.first, !isWaiting {
      say("waiting for \(held.count) runs of other processes, \(first.run) among them")
    }
    isWaiting = !held.isEmpty
    return isWaiting
  }

  private func progress() throws -> SweepProgress {
    unfinished = try scan.unfinished(unfinished)
    let hours = (ContinuousClock.now - began) / .seconds(3600)
    let done = runs.count - unfinished.count - doneBefore
    return SweepProgress(
      runs: runs.count, reports: try scan.reports(unfinished),
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
  var text: String { device + (threads.map { $0 == 1 ? ", 1 thread" : ", \($0) threads" } ?? "") }
}
