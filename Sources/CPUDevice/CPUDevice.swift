import CPUKernelTable
import Compute
import Foundation

/// The CPU backend in pure Swift. Every operation is split into tasks for one worker thread per core; the
/// arithmetic comes from one of three builds of the same kernels. An operation has finished when its call
/// returns.
package final class CPUDevice: Device {
  package let description: DeviceDescription
  package let variant: CPUVariant
  let kernels: any CPUKernels.Type
  let pool: WorkerPool
  let sharedScratch = Scratch()
  var rowTasks = FormCache<RowTasks>()
  let neutral: NeutralPanels
  private let neutralMemory = Scratch()
  private let workerScratch: [Scratch]

  /// - Parameters:
  ///   - variant: forces a build of the kernels; nil takes the best one for this processor.
  ///   - threads: the number of threads, at least 1; nil takes one for each processor that this process may
  ///     use.
  /// - Throws: `ComputeError.unavailable` if this processor cannot run the variant.
  package init(variant: CPUVariant? = nil, threads: Int? = nil) throws {
    let chosen = variant ?? .best
    guard CPUVariant.supported.contains(chosen) else {
      throw ComputeError.unavailable(
        "this processor can't run the CPU variant \(chosen.rawValue); it can run "
          + CPUVariant.supported.map(\.rawValue).joined(separator: ", "))
    }
    let description = Self.describe(variant: variant, threads: threads)
    let threadCount = description.computeUnits
    self.variant = chosen
    kernels = chosen.kernels
    pool = WorkerPool(threadCount: threadCount)
    let width = KernelSizes.panelWidth
    let memory = neutralMemory.reserve(2 * width)
    memory.initialize(repeating: 0.0, count: width)
    (memory + width).initialize(repeating: -0.0, count: width)
    neutral = NeutralPanels(
      zeros: UnsafePointer(memory), negativeZeros: UnsafePointer(memory + width))
    workerScratch = (0..<threadCount).map { _ in Scratch() }
    self.description = description
  }

  /// The description of the device that `init` makes from these arguments. No device is made.
  package static func describe(variant: CPUVariant?, threads: Int? = nil) -> DeviceDescription {
    DeviceDescription(
      selector: variant.map { "cpu:\($0.rawValue)" } ?? "cpu", name: processorName(), kind: .cpu,
      computeUnits: max(1, threads ?? ProcessorCount.available()),
      memory: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      driver: (variant ?? .best).rawValue)
  }

  deinit { pool.close() }

  package func synchronize() throws {}

  /// Scratch memory of `count` floats for each worker.
  func reserveScratch(_ count: Int) -> [UnsafeMutablePointer<Float>] {
    workerScratch.map { $0.reserve(count) }
  }
}
