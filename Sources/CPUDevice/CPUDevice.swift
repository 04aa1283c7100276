import CPUKernelTable
import Compute
import Foundation

/// The pure-Swift CPU backend: every operation is split into tasks over one worker thread a core, and the
/// arithmetic is one of three builds of the same kernels. Operations have run when they return.
package final class CPUDevice: Device {
  package let description: DeviceDescription
  package let variant: CPUVariant
  let kernels: CPUKernelTable
  let pool: WorkerPool
  let sharedScratch = Scratch()
  /// A panel's width of −0, which change no bit they are added to.
  let nothing: UnsafePointer<Float>
  private let nothingMemory = Scratch()
  private let workerScratch: [Scratch]

  /// - Parameters:
  ///   - variant: forces a build of the kernels; nil takes the best this processor has.
  ///   - threads: nil takes one a core.
  /// - Throws: `ComputeError.unavailable` when this processor can't run the variant.
  package init(variant: CPUVariant? = nil, threads: Int? = nil) throws {
    let chosen = variant ?? .best
    guard CPUVariant.supported.contains(chosen) else {
      throw ComputeError.unavailable(
        "this processor can't run the CPU variant \(chosen.rawValue); it can run "
          + CPUVariant.supported.map(\.rawValue).joined(separator: ", "))
    }
    let threadCount = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
    self.variant = chosen
    kernels = chosen.kernels
    pool = WorkerPool(threadCount: threadCount)
    let zeros = nothingMemory.reserve(CPUKernelTable.panelWidth)
    zeros.initialize(repeating: -0.0, count: CPUKernelTable.panelWidth)
    nothing = UnsafePointer(zeros)
    workerScratch = (0..<threadCount).map { _ in Scratch() }
    description = DeviceDescription(
      selector: variant.map { "cpu:\($0.rawValue)" } ?? "cpu", name: processorName(), kind: .cpu,
      computeUnits: threadCount, memory: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      driver: chosen.rawValue)
  }

  deinit { pool.close() }

  package func synchronize() throws {}

  /// `count` floats for each worker, by worker.
  func reserveScratch(_ count: Int) -> [UnsafeMutablePointer<Float>] {
    workerScratch.map { $0.reserve(count) }
  }
}
