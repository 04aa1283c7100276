import Compute
import Foundation

/// Zeroed memory, aligned to a cache line, that lives as long as the buffer.
final class CPUBuffer: Buffer {
  let count: Int
  let elementType: ElementType
  private let memory: UnsafeMutableRawPointer
  private var keptPanels: KeptPanels?

  /// - Throws: `ComputeError.outOfMemory` if the machine's memory is too small; `ComputeError.invalid` for a
  ///   negative count.
  init(count: Int, _ elementType: ElementType) throws {
    let limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let detail = "the machine has \(limit) bytes"
    let bytes = max(
      try bufferBytes(count, elementType, limit: limit, device: "cpu", detail), elementType.byteCount)
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, 64, bytes) == 0, let pointer else {
      throw ComputeError.outOfMemory(bytes: bytes, device: "cpu", detail: detail)
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
