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

/// Bit patterns, compared as a whole: NaN equals itself, 0 is not −0. Not a collection, whose differences a failing
/// expectation would look for, element by element, for minutes.
struct Bits: Equatable, CustomStringConvertible, CustomReflectable {
  let patterns: [UInt32]

  var description: String { "\(patterns.count) values of hash \(patterns.hashValue)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

extension Collection where Element == Float {
  var bits: Bits { Bits(patterns: map(\.bitPattern)) }
}
