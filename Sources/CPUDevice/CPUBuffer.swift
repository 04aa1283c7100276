import Compute
import Foundation

/// Zeroed memory, aligned to a cache line, that lives as long as the buffer.
final class CPUBuffer: Buffer {
  let count: Int
  let elementType: ElementType
  private let memory: UnsafeMutableRawPointer
  private var keptPanels: KeptPanels?

  /// - Throws: `ComputeError.outOfMemory` if the machine's memory is too small.
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

  /// The elements, for reading.
  var constants: UnsafePointer<Float> { UnsafePointer(memory.assumingMemoryBound(to: Float.self)) }

  /// Packed panels of the weights in this buffer, kept until something may write to the buffer.
  var panels: KeptPanels {
    if let keptPanels { return keptPanels }
    let new = KeptPanels()
    keptPanels = new
    return new
  }

  /// The elements, for reading or writing.
  func floats() -> UnsafeMutablePointer<Float> {
    keptPanels = nil
    return memory.assumingMemoryBound(to: Float.self)
  }

  var integers: UnsafeMutablePointer<Int32> { memory.assumingMemoryBound(to: Int32.self) }
}
