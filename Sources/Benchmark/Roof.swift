import Compute

/// The best that the device's hardware delivers, measured in the same run as the times that are compared with
/// it.
package struct Roof: Codable, Sendable {
  /// Multiply-adds in registers on all cores, counted as two operations each, in 10⁹ per second.
  package var gflops: Spread
  /// The STREAM triad on buffers larger than any cache, 12 bytes per element, in 10⁹ bytes per second.
  package var gigabytesPerSecond: Spread

  enum CodingKeys: String, CodingKey {
    case gflops
    case gigabytesPerSecond = "gigabytes_per_second"
  }

  /// The least seconds that work can take: the time for its operations at the first roof, or for its bytes at
  /// the second, whichever is longer. Each roof is the best of its rounds, so a slow round does not make a
  /// share look better.
  package func floor(flops: Double, bytes: Double) -> Double {
    max(flops / (gflops.max * 1e9), bytes / (gigabytesPerSecond.max * 1e9))
  }

  /// Whether the bytes rather than the operations determine that time.
  package func isMemoryBound(flops: Double, bytes: Double) -> Bool {
    bytes / gigabytesPerSecond.max > flops / gflops.max
  }
}

/// Measures the two roofs, once per call.
final class RoofMeasurement {
  private let device: any RoofMeasurable
  private var rounds: [Int]
  private let operands: [any Buffer]
  private var gflops: [Double] = []
  private var bandwidths: [Double] = []

  /// The seconds that a measurement should take.
  private static let duration = 0.05
  /// 64 MiB per buffer: no cache holds three of them.
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
