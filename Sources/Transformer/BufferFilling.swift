import Compute

/// Makes elements where they belong: in the buffer itself if it lies in the host's memory, otherwise in an array that is then
/// written to the device. The array serves for one buffer after another, because the system takes long to give and take
/// large ones.
struct BufferFilling {
  private var floats: [Float] = []
  private var integers: [Int32] = []

  /// Replaces elements of a buffer.
  ///
  /// - Parameter make: receives memory for the elements, 4 bytes each, with any content, and sets every byte.
  /// - Throws: what `make` and the device throw.
  mutating func fill(
    _ buffer: any Buffer, _ range: Range<Int>, on device: any Device,
    _ make: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= buffer.count, "the range lies outside the buffer")
    if let host = buffer as? any HostBuffer {
      try host.withMemory {
        try make(UnsafeMutableRawBufferPointer(rebasing: $0[4 * range.lowerBound..<4 * range.upperBound]))
      }
    } else if buffer.elementType == .int32 {
      integers.resize(to: range.count)
      try integers.withUnsafeMutableBytes(make)
      try device.write(integers, to: buffer, at: range.lowerBound)
    } else {
      floats.resize(to: range.count)
      try floats.withUnsafeMutableBytes(make)
      try device.write(floats, to: buffer, at: range.lowerBound)
    }
  }
}

extension Array where Element: Numeric {
  /// Changes the number of elements. An array that is too small is given back before a larger one is made.
  fileprivate mutating func resize(to count: Int) {
    if capacity < count {
      self = []
      reserveCapacity(count)
    }
    if self.count > count { removeLast(self.count - count) }
    append(contentsOf: repeatElement(0, count: count - self.count))
  }
}
