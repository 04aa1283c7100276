import CPUDevice
import Compute
import RandomStreams

/// A device and seeded numbers for it.
package final class Lab<Device: Compute.Device> {
  package let device: Device
  private var stream: CounterStream

  package init(_ device: Device, seed: UInt64) {
    self.device = device
    stream = CounterStream(seed: seed, purpose: .validation)
  }

  /// Values of N(0, 1).
  package func numbers(_ count: Int) -> [Float] { stream.normal(count: count) }

  package func integers(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(stream.integer(in: 0..<bound)) }
  }

  /// A buffer of such values.
  package func random(_ count: Int) throws -> any Buffer { try device.makeBuffer(numbers(count)) }

  /// An output buffer, whose unwritten elements stay NaN.
  package func poison(_ count: Int) throws -> any Buffer {
    try device.makeBuffer([Float](repeating: .nan, count: count))
  }
}

package typealias CPULab = Lab<CPUDevice>

extension Lab where Device == CPUDevice {
  package convenience init(_ variant: CPUVariant? = nil, threads: Int = 2, seed: UInt64) throws {
    try self.init(CPUDevice(variant: variant, threads: threads), seed: seed)
  }
}
