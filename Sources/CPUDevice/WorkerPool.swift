import Foundation
import Synchronization

/// One thread per core, fed with numbered tasks. The caller works too. Each worker begins with its own part
/// of the tasks, which is the same share of the rows in every operation, because its core's cache may still
/// hold them. Then it helps with the other parts. Tasks are claimed one by one, so a thread that the system
/// delays holds up only its own task.
///
/// Between jobs, workers spin for a moment, because a training step is a hundred jobs in quick succession;
/// after that they sleep.
final class WorkerPool: @unchecked Sendable {
  let threadCount: Int
  /// One part for each worker.
  private let parts: [Part]
  private let finished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let closing = Atomic<Bool>(false)
  private var body: ((Int, Int) -> Void)?
  private let condition = NSCondition()

  private static let indexBits: UInt64 = 24
  private static let mask: UInt64 = (1 << indexBits) - 1
  /// The largest number of tasks in a job; longer jobs are run in parts.
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

  /// Ends the threads. No job may be running.
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

  /// The number of the current job, or of the last one.
  private var job: UInt64 {
    parts[0].claims.load(ordering: .sequentiallyConsistent) >> (2 * Self.indexBits)
  }

  private func runJob(_ count: Int, _ body: @escaping (Int, Int) -> Void) {
    self.body = body
    finished.store(0, ordering: .relaxed)
    let job = job &+ 1
    // The first worker's part comes last, because the other workers watch it.
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
        // Looking first keeps the index from overflowing when many idle workers pass by.
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

/// The part of a job's tasks with which a worker begins.
private final class Part: Sendable {
  /// The job's number, the end of the part and the next task, in one word, so that a claim cannot mix two
  /// jobs.
  let claims = Atomic<UInt64>(0)
}
