import Compute

/// A device that counts the bytes of the buffers held by its users. Memory that the device itself allocates,
/// such as scratch memory, does not count.
package final class MemoryCountingDevice: ForwardingDevice {
  package let device: any Device
  /// The most bytes held at one time.
  package private(set) var mostBytes = 0
  /// The bytes of the largest buffer.
  package private(set) var largestBuffer = 0
  private var held: [Held] = []

  /// A buffer that counts for as long as it is in use.
  private struct Held {
    weak var buffer: (any Buffer)?
    var bytes: Int
  }

  package init(_ device: any Device) { self.device = device }

  package func perform(_ operation: any DeviceOperation) throws { try operation.run(on: device) }

  package func makeBuffer(count: Int, _ elementType: ElementType) throws -> any Buffer {
    counted(try device.makeBuffer(count: count, elementType))
  }

  package func makeBuffer(_ values: [Float]) throws -> any Buffer { counted(try device.makeBuffer(values)) }

  package func makeBuffer(_ values: [Int32]) throws -> any Buffer { counted(try device.makeBuffer(values)) }

  /// The bytes held now.
  package var bytes: Int { held.reduce(0) { $0 + ($1.buffer == nil ? 0 : $1.bytes) } }

  private func counted(_ buffer: any Buffer) -> any Buffer {
    held.removeAll { $0.buffer == nil }
    held.append(Held(buffer: buffer, bytes: buffer.count * buffer.elementType.byteCount))
    mostBytes = max(mostBytes, bytes)
    largestBuffer = max(largestBuffer, buffer.count * buffer.elementType.byteCount)
    return buffer
  }
}
