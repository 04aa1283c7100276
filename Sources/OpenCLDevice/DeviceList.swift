import Compute

/// A list with four integers per entry, which kernels read as `int4`.
struct DeviceList {
  let buffer: OpenCLBuffer
  /// The number of entries.
  let count: Int

  /// The entries of a list, written one after another to the memory that the device gets them from.
  struct Writer {
    fileprivate let memory: UnsafeMutableBufferPointer<SIMD4<Int32>>
    fileprivate var count = 0
    /// The bits that did not fit.
    fileprivate var lost = 0

    fileprivate init(_ memory: UnsafeMutableBufferPointer<SIMD4<Int32>>) { self.memory = memory }

    mutating func append(_ x: Int, _ y: Int, _ z: Int, _ w: Int) {
      precondition(count < memory.count, "more entries than were said")
      let entry = SIMD4(
        Int32(truncatingIfNeeded: x), Int32(truncatingIfNeeded: y), Int32(truncatingIfNeeded: z),
        Int32(truncatingIfNeeded: w))
      // A number that fits has its sign in all the bits above.
      lost |= (x ^ Int(entry.x)) | (y ^ Int(entry.y)) | (z ^ Int(entry.z)) | (w ^ Int(entry.w))
      memory.initializeElement(at: count, to: entry)
      count += 1
    }
  }

  /// - Parameters:
  ///   - count: the number of entries.
  ///   - write: appends this number of entries.
  /// - Throws: `ComputeError.invalid` if a number does not fit 32 bits.
  init(
    _ device: OpenCLDevice, count: Int, in operation: String, _ write: (inout Writer) -> Void
  ) throws {
    var lost = 0
    buffer = try device.constant(count: count, .int32) { memory in
      var writer = Writer(memory)
      write(&writer)
      precondition(writer.count == count, "fewer entries than were said")
      lost = writer.lost
    }
    guard lost == 0 else { throw ComputeError.invalid(operation, "a row does not fit 32 bits") }
    self.count = count
  }

  init(_ device: OpenCLDevice, _ entries: [SIMD4<Int>], in operation: String) throws {
    try self.init(device, count: entries.count, in: operation) { list in
      for entry in entries { list.append(entry.x, entry.y, entry.z, entry.w) }
    }
  }
}
