import Foundation
import Synchronization

/// One thread a core, fed with numbered tasks. The caller works too. Every worker begins with its own part of the tasks,
/// the same share of the rows in every operation, which its core's cache may still hold; then it helps with the others'.
/// Tasks are claimed one by one, so a thread the system holds back delays nobody but its own task.
///
/// Workers spin for a moment between jobs, because a training step is a hundred jobs back to back, and
/// sleep after that.
final class WorkerPool: @unchecked Sendable {
  let threadCount: Int
  /// By worker.
  private let parts: [Part]
  private let finished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let closing = Atomic<Bool>(false)
  private var body: ((Int, Int) -> Void)?
  private let condition = NSCondition()

  private static let indexBits: UInt64 = 24
  private static let mask: UInt64 = (1 << indexBits) - 1
  /// Most tasks a job may have; longer ones are run in parts.
  private static let largestJob = 1 << 23
  private static let spins = 40_000

  init(threadCount: Int) {
    self.threadCount = max(1, threadCount)
    parts = (0..<self.threadCount).map { _ in Part() }
    for worker in 1..<max(2, self.threadCount) where worker < self.threadCount {
      let thread = Thread { [self] in work(worker) }
      thread.stackSize = 1 << 20
      thread.name = "causalgap-\(worker)"
      thread.start()
    }
  }

  /// Lets the threads end. No job may run.
  func close() {
    closing.store(true, ordering: .releasing)
    parts[0].claims.store(
      parts[0].claims.load(ordering: .relaxed) &+ (1 << (2 * Self.indexBits)), ordering: .releasing)
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Runs `body(task, worker)` for every task in `0..<count` and returns when all are done.
  func run(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    if threadCount == 1 || count <= 1 {
      for task in 0..<count { body(task, 0) }
      return
    }
    var first = 0
    while first < count {
      let part = min(count - first, Self.largestJob)
      let offset = first
      withoutActuallyEscaping({ task, worker in body(offset + task, worker) }) { runJob(part, $0) }
      first += part
    }
  }

  /// The number of the job that runs, or ran last.
  private var job: UInt64 {
    parts[0].claims.load(ordering: .sequentiallyConsistent) >> (2 * Self.indexBits)
  }

  private func runJob(_ count: Int, _ body: @escaping (Int, Int) -> Void) {
    self.body = body
    finished.store(0, ordering: .relaxed)
    let job = job &+ 1
    // The first worker's part last: the others watch it.
    for worker in (0..<threadCount).reversed() {
      let (first, end) = (worker * count / threadCount, (worker + 1) * count / threadCount)
      parts[worker].claims.store(
        job << (2 * Self.indexBits) | UInt64(end) << Self.indexBits | UInt64(first),
        ordering: .sequentiallyConsistent)
    }
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
    claimTasks(worker: 0)
    var spins = 0
    while finished.load(ordering: .acquiring) < count {
      spins += 1
      if spins > Self.spins { sched_yield() }
    }
    self.body = nil
  }

  private func claimTasks(worker: Int) {
    for offset in 0..<threadCount {
      let part = parts[(worker + offset) % threadCount]
      while true {
        // Looking first keeps the index from running over when many idle workers pass by.
        let seen = part.claims.load(ordering: .acquiring)
        guard seen & Self.mask < (seen >> Self.indexBits) & Self.mask else { break }
        let claim = part.claims.add(1, ordering: .acquiringAndReleasing).oldValue
        let (task, end) = (claim & Self.mask, (claim >> Self.indexBits) & Self.mask)
        guard task < end else { break }
        body?(Int(task), worker)
        finished.add(1, ordering: .releasing)
      }
    }
  }

  private func work(_ worker: Int) {
    var lastJob: UInt64 = 0
    while true {
      var spins = 0
      while job == lastJob {
        spins += 1
        if spins > Self.spins {
          sleep(after: lastJob)
          spins = 0
        }
      }
      lastJob = job
      if closing.load(ordering: .acquiring) { return }
      claimTasks(worker: worker)
    }
  }

  private func sleep(after last: UInt64) {
    condition.lock()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while job == last { condition.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }
}

/// The part of a job's tasks that a worker begins with.
private final class Part: Sendable {
  /// The job's number, the end of the part and the next task to claim, in one word: a claim can't mix two jobs.
  let claims = Atomic<UInt64>(0)
}
