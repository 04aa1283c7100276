import Synchronization
import TestSupport
import Testing

@testable import CPUDevice

@Suite("The worker pool") struct WorkerPoolTests {
  /// A record of the tasks of a job that ran.
  private struct Book {
    var runs = [Int](repeating: 0, count: 300)
    var busy = Set<Int>()
    var workers = Set<Int>()
    var sharedWorker = false
  }

  @Test("runs every task exactly once, for jobs of any size", arguments: [1, 2, 5])
  func everyTaskOnce(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    defer { pool.close() }
    let book = Locked(Book())
    var expected = [Int](repeating: 0, count: 300)
    for job in 0..<3000 {
      let count = job * 37 % 301
      for task in 0..<count { expected[task] += 1 }
      pool.run(count) { task, worker in
        book.withLock {
          $0.runs[task] += 1
          $0.workers.insert(worker)
          if !$0.busy.insert(worker).inserted { $0.sharedWorker = true }
        }
        book.withLock { _ = $0.busy.remove(worker) }
      }
      // All tasks have finished when `run` returns.
      let same = book.withLock { $0.runs == expected && $0.busy.isEmpty }
      guard same else {
        Issue.record("job \(job) of \(count) tasks: \(book.withLock { $0.runs }), expected \(expected)")
        return
      }
    }
    let (workers, shared) = book.withLock { ($0.workers, $0.sharedWorker) }
    #expect(workers.isSubset(of: 0..<threads))
    #expect(workers.contains(0))
    #expect(!shared, "two tasks had one worker's scratch at a time")
  }

  @Test("runs every task of a job of tiny tasks exactly once", arguments: [2, 5])
  func tinyTasks(threads: Int) {
    let pool = WorkerPool(threadCount: threads)
    defer { pool.close() }
    for count in [2, 3, 299, 100_003] {
      let sum = Atomic<Int>(0)
      let runs = Atomic<Int>(0)
      for _ in 0..<20 {
        pool.run(count) { task, _ in
          sum.add(task, ordering: .relaxed)
          runs.add(1, ordering: .relaxed)
        }
      }
      #expect(runs.load(ordering: .relaxed) == 20 * count)
      #expect(sum.load(ordering: .relaxed) == 20 * (count * (count - 1) / 2))
    }
  }

  @Test("uses one thread if none are requested")
  func fewThreads() {
    for threads in [-3, 0, 1] {
      let pool = WorkerPool(threadCount: threads)
      #expect(pool.threadCount == 1)
      var order: [Int] = []
      pool.run(5) { task, worker in
        order.append(task)
        #expect(worker == 0)
      }
      #expect(order == [0, 1, 2, 3, 4])
      pool.close()
    }
  }
}
