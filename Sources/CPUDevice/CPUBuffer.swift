import Compute
import Foundation

/// Zeroed memory on a cache line, kept for the buffer's life.
final class CPUBuffer: Buffer {
  let count: Int
  let elementType: ElementType
  private let memory: UnsafeMutableRawPointer
  private var keptPanels: KeptPanels?

  /// - Throws: `ComputeError.outOfMemory` beyond the machine's memory.
  init(count: Int, _ elementType: ElementType) throws {
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: elementType.byteCount)
    let limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    var pointer: UnsafeMutableRawPointer?
    guard count >= 0, !overflow, bytes <= limit, posix_memalign(&pointer, 64, bytes) == 0, let pointer else {
      throw ComputeError.outOfMemory(
        bytes: overflow ? Int.max : bytes, device: "cpu", detail: "the machine has \(limit) bytes")
    }
    memset(pointer, 0, bytes)
    self.count = count
    self.elementType = elementType
    memory = pointer
  }

  deinit { free(memory) }

  /// To read from.
  var constants: UnsafePointer<Float> { UnsafePointer(memory.assumingMemoryBound(to: Float.self)) }

  /// What products have made of the weights in here, until somebody may write to them.
  var panels: KeptPanels {
    if let keptPanels { return keptPanels }
    let new = KeptPanels()
    keptPanels = new
    return new
  }

  /// To read from or write to.
  func floats() -> UnsafeMutablePointer<Float> {
    keptPanels = nil
    return memory.assumingMemoryBound(to: Float.self)
  }

  var integers: UnsafeMutablePointer<Int32> { memory.assumingMemoryBound(to: Int32.self) }
}
