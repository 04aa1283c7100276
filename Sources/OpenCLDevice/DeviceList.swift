import Compute

/// A list with four integers per entry, which kernels read as `int4`.
struct DeviceList {
  var buffer: OpenCLBuffer
  /// The number of entries.
  var count: Int

  init(_ device: OpenCLDevice, _ entries: [SIMD4<Int>], in operation: String) throws {
    var integers: [Int32] = []
    integers.reserveCapacity(entries.count * 4)
    for entry in entries {
      for lane in 0..<4 {
        guard let value = Int32(exactly: entry[lane]) else {
          throw ComputeError.invalid(operation, "row \(entry[lane]) does not fit 32 bits")
        }
        integers.append(value)
      }
    }
    buffer = try device.constant(integers, .int32)
    count = entries.count
  }
}
