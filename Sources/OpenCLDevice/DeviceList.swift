import Compute

/// A list of four integers an entry, as kernels read it (`int4`).
struct DeviceList {
  var buffer: OpenCLBuffer
  /// Entries
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
    buffer = try device.upload(integers, .int32)
    count = entries.count
  }
}
