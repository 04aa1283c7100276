import Compute

/// What the device's hardware gives at best, measured in the same run as what is held against it.
package struct Roof: Codable, Sendable {
  /// Multiply-adds in registers, two operations each, on all cores.
  package var gflops: Spread
  /// STREAM's triad on buffers no cache holds, 12 bytes an element.
  package var gigabytesPerSecond: Spread

  enum CodingKeys: String, CodingKey {
    case gflops
    case gigabytesPerSecond = "gigabytes_per_second"
  }

  /// The least time work can take: all of its operations at the one roof, or all of its bytes at the other. A roof is
  /// the best of its rounds, so that no share is flattered by a slow one.
  package func floor(flops: Double, bytes: Double) -> Double {
    max(flops / (gflops.max * 1e9), bytes / (gigabytesPerSecond.max * 1e9))
  }

  /// Whether the bytes, not the operations, set that time.
  package func isMemoryBound(flops: Double, bytes: Double) -> Bool {
    bytes / gigabytesPerSecond.max > flops / gflops.max
  }
}

/// Measures the two roofs, once a call.
final class RoofMeasurement {
  private let device: any RoofMeasurable
  private var rounds: [Int]
  private let operands: [any Buffer]
  private var gflops: [Double] = []
  private var bandwidths: [Double] = []

  /// Seconds that a measurement should take.
  private static let duration = 0.05
  /// 64 MiB a buffer: no cache holds three of them.
  private static let elements = 1 << 24

  init(_ device: any RoofMeasurable) throws {
    self.device = device
    operands = try (0..<3).map { _ in try device.makeBuffer(count: Self.elements) }
    rounds = []
    for form in 0..<device.multiplyAddForms {
      var count = 1000
      _ = try time(rounds: count, form: form)
      while try time(rounds: count, form: form).seconds < Self.duration, count < 1 << 28 { count *= 2 }
      rounds.append(count)
    }
    _ = try timeTriad()
  }

  func measure() throws {
    let rates = try rounds.enumerated().map { form, count in
      let (flops, seconds) = try time(rounds: count, form: form)
      return flops / seconds * 1e-9
    }
    gflops.append(rates.max() ?? 0)
    bandwidths.append(12 * Double(Self.elements) / (try timeTriad()) * 1e-9)
  }

  var roof: Roof { Roof(gflops: Spread(gflops), gigabytesPerSecond: Spread(bandwidths)) }

  private func time(rounds: Int, form: Int) throws -> (flops: Double, seconds: Double) {
    var flops = 0.0
    try device.synchronize()
    let taken = try seconds {
      flops = try device.multiplyAdds(rounds: rounds, form: form)
      try device.synchronize()
    }
    return (flops, taken)
  }

  private func timeTriad() throws -> Double {
    try device.synchronize()
    return try seconds {
      try device.triad(left: operands[0], right: operands[1], scale: 0.5, output: operands[2])
      try device.synchronize()
    }
  }
}
