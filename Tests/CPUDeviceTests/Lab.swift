import CPUDevice
import Compute
import RandomStreams

/// A CPU device and seeded numbers for it.
final class Lab {
  let device: CPUDevice
  private var stream: CounterStream

  init(_ variant: CPUVariant? = nil, threads: Int = 2, seed: UInt64) throws {
    device = try CPUDevice(variant: variant, threads: threads)
    stream = CounterStream(seed: seed, purpose: .validation)
  }

  func numbers(_ count: Int) -> [Float] { stream.normal(count: count) }
  func random(_ count: Int) throws -> any Buffer { try device.makeBuffer(numbers(count)) }

  func integers(_ count: Int, below bound: Int) -> [Int32] {
    (0..<count).map { _ in Int32(stream.integer(in: 0..<bound)) }
  }

  /// An output buffer: what is not written stays NaN.
  func poison(_ count: Int) throws -> any Buffer {
    try device.makeBuffer([Float](repeating: .nan, count: count))
  }
}

extension Collection where Element == Float {
  /// For comparisons bit for bit: NaN equals itself, 0 is not −0.
  var bits: [UInt32] { map(\.bitPattern) }
}
