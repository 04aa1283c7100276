import Compute

/// A list with four integers per entry, which kernels read as `int4`.
struct DeviceList {
  var buffer: OpenCLBuffer
  /// The number of entries.
  var count: Int

  init(_ device: OpenCLDevice, _ entries: [SIMD4<Int>], in operation: String) throws {
    var lost = SIMD4<Int>.zero
    let integers = [SIMD4<Int32>](unsafeUninitializedCapacity: entries.count) { memory, count in
      for (index, entry) in entries.enumerated() {
        let narrow = SIMD4<Int32>(truncatingIfNeeded: entry)
        lost |= SIMD4<Int>(truncatingIfNeeded: narrow) ^ entry
        memory.initializeElement(at: index, to: narrow)
      }
      count = entries.count
    }
    guard lost == .zero else { throw ComputeError.invalid(operation, "a row does not fit 32 bits") }
    buffer = try device.constant(integers, .int32)
    count = entries.count
  }
}
