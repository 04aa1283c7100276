import Compute
import Transformer

/// The speed of one training step.
package struct TrainingTiming: Codable, Sendable {
  package var name: String
  /// The number of models trained side by side.
  package var models: Int
  /// The time of a step of all models.
  package var milliseconds: Spread
  /// The 10⁹ operations that a step needs according to `LiveWork`: the mean of the timed steps.
  package var gigaflop: Double
  /// Useful 10⁹ operations per second at the median time.
  package var gflops: Double
  /// The share of the compute roof.
  package var share: Double
  /// The milliseconds of a step divided by the number of models.
  package var millisecondsASeed: Double
  /// The number of steps that each model takes in a second.
  package var stepsPerSecond: Double
  /// The number of kernels that a step queues, if the device counts them. It does not depend on the number of
  /// models.
  package var launches: Int?

  enum CodingKeys: String, CodingKey {
    case name, models, milliseconds, gigaflop, gflops, share
    case millisecondsASeed = "milliseconds_a_seed"
    case stepsPerSecond = "steps_per_second"
    case launches
  }

  /// - Parameters:
  ///   - milliseconds: the time of each step.
  ///   - gigaflop: the mean of the steps.
  init(name: String, models: Int, milliseconds: [Double], gigaflop: Double, launches: Int? = nil, roof: Roof)
  {
    self.name = name
    self.models = models
    self.milliseconds = Spread(milliseconds)
    self.gigaflop = gigaflop
    gflops = gigaflop / (self.milliseconds.median * 1e-3)
    share = gflops / roof.gflops.max
    millisecondsASeed = self.milliseconds.median / Double(models)
    stepsPerSecond = 1e3 / self.milliseconds.median
    self.launches = launches
  }
}

/// A training, timed round by round.
final class TrainingMeasurement {
  private let name: String
  private let workload: TrainingWorkload
  private let steps: Int
  private var milliseconds: [Double] = []
  private let warmUps: Int

  /// - Parameter steps: the number of steps per round.
  init(_ name: String, _ plan: TrainingPlan, steps: Int, on device: any Device) throws {
    self.name = name
    self.steps = steps
    workload = try TrainingWorkload(plan, on: device)
    warmUps = 3
    for _ in 0..<warmUps { _ = try workload.run() }
  }

  func measure() throws {
    for _ in 0..<steps { milliseconds.append(try workload.run().seconds * 1e3) }
  }

  func timing(under roof: Roof) -> TrainingTiming {
    let flops = workload.flops.dropFirst(warmUps)
    return TrainingTiming(
      name: name, models: workload.plan.models, milliseconds: milliseconds,
      gigaflop: flops.reduce(0, +) / Double(flops.count) * 1e-9, launches: workload.launches, roof: roof)
  }
}
