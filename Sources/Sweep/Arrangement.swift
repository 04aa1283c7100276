import CPUDevice
import Compute
import Devices
import Errors
import Foundation
import Study
import Synchronization

/// How the processors of a machine are divided among the workers of a sweep.
package struct Arrangement: Codable, Equatable, Sendable {
  /// Workers on the CPU device.
  package var workers: Int
  /// Threads of each.
  package var threads: Int

  /// The steps per second of all workers of an arrangement together.
  package struct Rate: Codable, Equatable, Sendable {
    package var arrangement: Arrangement
    package var stepsPerSecond: Double

    /// `2 × 4 threads: 105.3 steps/s`
    package var text: String {
      "\(arrangement.workers) × \(counted(arrangement.threads, "thread")): "
        + String(format: "%.1f steps/s", stepsPerSecond)
    }
  }

  /// The divisions of a number of processors: 1 × 8, 2 × 4, 4 × 2, 8 × 1 for eight.
  ///
  /// - Parameters:
  ///   - threads: the threads of each worker, if that is decided.
  ///   - most: the most workers that there is memory and work for.
  package static func possible(processors: Int, threads: Int?, most: Int) -> [Arrangement] {
    var sizes = threads.map { [min($0, processors)] } ?? []
    if sizes.isEmpty {
      sizes = (0..<Int.bitWidth).prefix { 1 << $0 <= processors }.map { processors / (1 << $0) }
    }
    var seen: [Arrangement] = []
    for size in sizes {
      let arrangement = Arrangement(workers: max(1, min(processors / size, most)), threads: size)
      if !seen.contains(arrangement) { seen.append(arrangement) }
    }
    return seen
  }

  /// Tries arrangements one after the other, each for a moment.
  ///
  /// - Parameters:
  ///   - plan: the run to try them with.
  ///   - seconds: how long each is timed.
  /// - Returns: a rate for each.
  static func measure(_ arrangements: [Arrangement], with plan: RunPlan, seconds: Double) throws -> [Rate] {
    try arrangements.map { arrangement in
      let rates = Mutex<[Result<Double, any Error>]>([])
      let done = DispatchSemaphore(value: 0)
      for _ in 0..<arrangement.workers {
        let thread = Thread {
          let rate = Result {
            var rate = try TrainingRate(plan, on: CPUDevice(threads: arrangement.threads))
            return try rate.measure(seconds: seconds)
          }
          rates.withLock { $0.append(rate) }
          done.signal()
        }
        thread.stackSize = 8 << 20
        thread.start()
      }
      for _ in 0..<arrangement.workers { done.wait() }
      let sum = try rates.withLock { try $0.reduce(0) { try $0 + $1.get() } }
      return Rate(arrangement: arrangement, stepsPerSecond: sum)
    }
  }
}
