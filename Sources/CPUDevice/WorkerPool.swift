import Foundation
import Synchronization

/// One thread a core, fed with numbered tasks. The caller works too; tasks are claimed one by one, so a
/// thread the system holds back delays nobody but its own task.
///
/// Workers spin for a moment between jobs, because a training step is a hundred jobs back to back, and
/// sleep after that.
final class WorkerPool: @unchecked Sendable {
  let threadCount: Int
  /// The job's number, its task count and the next task to claim, in one word: a claim can't mix two jobs.
  private let state = Atomic<UInt64>(0)
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
    state.store(state.load(ordering: .relaxed) &+ (1 << (2 * Self.indexBits)), ordering: .releasing)
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

  private func runJob(_ count: Int, _ body: @escaping (Int, Int) -> Void) {
    self.body = body
    finished.store(0, ordering: .relaxed)
    let job = (state.load(ordering: .relaxed) >> (2 * Self.indexBits)) &+ 1
    state.store(
      job << (2 * Self.indexBits) | UInt64(count) << Self.indexBits, ordering: .sequentiallyConsistent)
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
    while true {
      // Looking first keeps the index from running over when many idle workers pass by.
      let seen = state.load(ordering: .acquiring)
      guard seen & Self.mask < (seen >> Self.indexBits) & Self.mask else { return }
      let claim = state.add(1, ordering: .acquiringAndReleasing).oldValue
      let (task, count) = (claim & Self.mask, (claim >> Self.indexBits) & Self.mask)
      guard task < count else { return }
      body?(Int(task), worker)
      finished.add(1, ordering: .releasing)
    }
  }

  private func work(_ worker: Int) {
    var lastJob: UInt64 = 0
    while true {
      var spins = 0
      while state.load(ordering: .acquiring) >> (2 * Self.indexBits) == lastJob {
        spins += 1
        if spins > Self.spins {
          sleep(after: lastJob)
          spins = 0
        }
      }
      lastJob = state.load(ordering: .acquiring) >> (2 * Self.indexBits)
      if closing.load(ordering: .acquiring) { return }
      claimTasks(worker: worker)
    }
  }

  private func sleep(after job: UInt64) {
    condition.lock()
    sleepers.add(1, ordering: .sequentiallyConsistent)
    while state.load(ordering: .sequentiallyConsistent) >> (2 * Self.indexBits) == job { condition.wait() }
    sleepers.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }
}
