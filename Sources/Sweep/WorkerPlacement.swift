import CPUDevice
import Compute
import Devices
import Foundation
import Study

/// Which workers a sweep has on this machine, and on which processors each computes.
struct WorkerPlacement {
  /// One worker.
  struct Place: Equatable {
    var device: String
    /// Of the CPU device; nil for others.
    var threads: Int?
    /// Nil where the worker may use any: it only feeds a device that computes by itself.
    var processors: Processors?
  }

  var places: [Place]
  /// The arrangements tried, if there was a choice.
  var rates: [Arrangement.Rate]
  /// Whether they were measured by an earlier sweep of this machine.
  private(set) var isRemembered = false
  /// Whether other sweeps of this machine compute on the same processors.
  private(set) var sharesProcessors = false
  /// Held while the workers compute.
  private var locks: ProcessorLocks?

  /// - Parameters:
  ///   - devices: selectors of distinct devices with their kinds.
  ///   - plan: the largest run, to try arrangements with.
  ///   - runs: the number of runs to be done.
  ///   - threads: threads of each worker on the CPU device, if that is decided.
  /// - Throws: `SweepError.impossible` for more devices that compute on processors than there are processors.
  init(
    _ devices: [(selector: String, kind: DeviceDescription.Kind)], _ plan: RunPlan, runs: Int, threads: Int?,
    processors: Processors = .available, store: ArrangementStore = .standard
  ) throws {
    let onProcessors = devices.filter { $0.kind == .cpu || $0.kind == .reference }
    let others = devices.filter { $0.kind != .cpu && $0.kind != .reference }
    places = others.map { Place(device: $0.selector) }
    rates = []
    guard !onProcessors.isEmpty else { return }
    // A part of what others may use too can't be reserved by number.
    var canBeHeld = processors.count == ProcessorCount.masked().count
    var processors = processors
    if canBeHeld {
      let locks = ProcessorLocks(processors)
      if locks.processors.count >= onProcessors.count {
        processors = locks.processors
        self.locks = locks
      } else {
        // The system divides them.
        (canBeHeld, sharesProcessors) = (false, true)
      }
    }
    // Each of the others needs a processor that feeds it.
    let free = max(1, processors.count - others.count)
    guard onProcessors.count <= free else {
      throw SweepError.impossible(
        "\(onProcessors.map(\.selector).joined(separator: " and ")) would compute on the same "
          + "\(free == 1 ? "processor" : "\(free) processors"): name fewer devices")
    }
    let own = Processors(Array(processors.numbers.suffix(free)))
    func place(_ device: String, _ threads: Int?, _ part: Processors) -> Place {
      Place(device: device, threads: threads, processors: canBeHeld ? part : nil)
    }
    guard onProcessors.count == 1, let device = onProcessors.first?.selector else {
      let size = free / onProcessors.count
      places += zip(onProcessors, own.parts(of: size, onProcessors.count)).map {
        place($0.selector, Self.isCPUDevice($0.selector) ? min(threads ?? size, size) : nil, $1)
      }
      return
    }
    guard Self.isCPUDevice(device) else {
      places.append(place(device, nil, own))
      return
    }
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    let fits = try Int(0.8 * memory / max(1, plan.memory(models: 1, largestAllocation: nil).bytes))
    let possible = Arrangement.possible(
      processors: free, threads: threads, most: max(1, min(fits, runs)))
    if possible.count > 1 {
      if let known = store.load(possible, plan) {
        (rates, isRemembered) = (known, true)
      } else {
        rates = try Arrangement.measure(possible, with: plan, seconds: 0.7)
        // What others take is no property of the arrangement.
        if !sharesProcessors { store.save(rates, plan) }
      }
    }
    let best = rates.max { $0.stepsPerSecond < $1.stepsPerSecond }?.arrangement ?? possible[0]
    places += own.parts(of: best.threads, best.workers).map { place(device, best.threads, $0) }
  }

  private static func isCPUDevice(_ selector: String) -> Bool {
    selector == "cpu" || selector.hasPrefix("cpu:")
  }
}
