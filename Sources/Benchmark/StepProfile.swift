import Compute

/// Where the milliseconds of a training step go.
package struct StepProfile: Codable, Sendable {
  /// The calls of one operation in a step.
  package struct Line: Codable, Sendable {
    package var operation: String
    /// The number of calls per step.
    package var calls: Int
    /// The time of all of its calls in a step.
    package var milliseconds: Spread
    /// Useful 10⁹ multiplications and additions per second in matrix products and attention.
    package var gflops: Double?
  }

  /// The number of operations per step; it does not depend on the number of models.
  package var calls: Int
  /// One line per operation, the longest first.
  package var lines: [Line]
}

/// Profiles the steps of a training, waiting for each operation.
final class ProfileMeasurement {
  private let device: ProfilingDevice
  private let workload: TrainingWorkload
  private var calls: [String: Int] = [:]
  private var milliseconds: [String: [Double]] = [:]
  private var rates: [String: [Double]] = [:]

  init(_ plan: TrainingPlan, on device: any Device) throws {
    self.device = ProfilingDevice(device)
    workload = try TrainingWorkload(plan, on: self.device)
    for _ in 0..<3 { _ = try workload.run() }
  }

  func measure() throws {
    for _ in 0..<3 {
      device.reset()
      _ = try workload.run()
      for (name, entry) in device.entries {
        calls[name] = entry.calls
        milliseconds[name, default: []].append(entry.seconds * 1e3)
        if entry.flops > 0 { rates[name, default: []].append(entry.flops / entry.seconds * 1e-9) }
      }
    }
  }

  var profile: StepProfile {
    let lines = milliseconds.map { name, times in
      StepProfile.Line(
        operation: name, calls: calls[name] ?? 0, milliseconds: Spread(times),
        gflops: rates[name].map { Spread($0).median })
    }
    return StepProfile(
      calls: calls.values.reduce(0, +),
      lines: lines.sorted { $0.milliseconds.median > $1.milliseconds.median })
  }
}
