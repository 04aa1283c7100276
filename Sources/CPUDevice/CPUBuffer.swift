import Compute
import Foundation

/// Zeroed memory, aligned to a cache line, that lives as long as the buffer.
final class CPUBuffer: HostBuffer {
  let count: Int
  let elementType: ElementType
  private let memory: UnsafeMutableRawPointer
  private let bytes: Int
  private var keptPanels: KeptPanels?

  /// - Throws: `ComputeError.outOfMemory` if the machine's memory is too small; `ComputeError.invalid` for a
  ///   negative count.
  init(count: Int, _ elementType: ElementType) throws {
    let limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let detail = "the machine has \(limit) bytes"
    let bytes = max(
      try bufferBytes(count, elementType, limit: limit, device: "cpu", detail), elementType.byteCount)
    guard let found = bytes < Self.large ? Self.zeroed(bytes) : Self.mapped(bytes) else {
      throw ComputeError.outOfMemory(bytes: bytes, device: "cpu", detail: detail)
    }
    self.count = count
    self.elementType = elementType
    self.bytes = bytes
    memory = found
  }

  deinit {
    switch bytes {
    case ..<Self.middling: free(memory)
    case ..<Self.large: PageArena.shared.free(memory, bytes)
    default: munmap(memory, bytes)
    }
  }

  /// From so many bytes on, 16 KiB, buffers share large pages.
  private static let middling = 1 << 14
  /// From so many bytes on, 4 MiB, memory comes from the system, which zeroes a page when it is used first, in pages as
  /// large as the system has them.
  private static let large = 1 << 22

  private static func zeroed(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var pointer: UnsafeMutableRawPointer?
    if bytes < middling {
      guard posix_memalign(&pointer, 64, bytes) == 0 else { return nil }
    } else {
      pointer = PageArena.shared.allocate(bytes)
    }
    guard let pointer else { return nil }
    memset(pointer, 0, bytes)
    return pointer
  }

  private static func mapped(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let pointer = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let pointer, pointer != MAP_FAILED else { return nil }
    // Advice that the system does not know changes nothing.
    madvise(pointer, bytes, MADV_HUGEPAGE)
    return pointer
  }

  func withMemory<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows -> Result {
    keptPanels = nil
    return try body(UnsafeMutableRawBufferPointer(start: memory, count: count * elementType.byteCount))
  }

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
