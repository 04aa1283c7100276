import Compute
import OperationSuite

/// The speed of one operation with one set of shapes.
package struct OperationTiming: Codable, Sendable {
  package var operation: String
  package var shape: String
  package var milliseconds: Spread
  /// 10⁹ operations of the plain formula per second.
  package var gflops: Double
  /// 10⁹ bytes per second, with every operand counted once.
  package var gigabytesPerSecond: Double
  /// The time at the roof divided by the median time. It exceeds 1 if the operands stay in a cache, which is
  /// faster than memory.
  package var share: Double
  /// Which roof limits the operation: `compute` or `memory`.
  package var bound: String

  enum CodingKeys: String, CodingKey {
    case operation, shape, milliseconds, gflops
    case gigabytesPerSecond = "gigabytes_per_second"
    case share, bound
  }
}

/// A case of the suite, timed round by round.
final class OperationMeasurement {
  private let test: OperationCase
  private let prepared: PreparedCase
  private let device: any Device
  private var launches = 1
  private var milliseconds: [Double] = []

  /// The seconds that all launches of a round should take together.
  private static let duration = 0.02

  init(_ test: OperationCase, on device: any Device) throws {
    self.test = test
    self.device = device
    prepared = try test.prepare(on: device, seed: 1)
    _ = try time()
    while try time() < Self.duration, launches < 1 << 16 { launches *= 2 }
  }

  func measure() throws { milliseconds.append(try time() / Double(launches) * 1e3) }

  func timing(under roof: Roof) -> OperationTiming {
    let spread = Spread(milliseconds)
    let taken = spread.median * 1e-3
    return OperationTiming(
      operation: test.operation, shape: test.shape, milliseconds: spread,
      gflops: test.flops / taken * 1e-9, gigabytesPerSecond: test.bytes / taken * 1e-9,
      share: roof.floor(flops: test.flops, bytes: test.bytes) / taken,
      bound: roof.isMemoryBound(flops: test.flops, bytes: test.bytes) ? "memory" : "compute")
  }

  private func time() throws -> Double {
    try device.synchronize()
    return try seconds {
      for _ in 0..<launches { try prepared.launch() }
      try device.synchronize()
    }
  }
}
