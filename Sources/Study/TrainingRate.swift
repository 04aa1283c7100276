import Compute
import Foundation
import RandomStreams
import Transformer

/// How fast a device trains one model: steps of a plan, timed.
package struct TrainingRate {
  private let plan: RunPlan
  private let device: any Device
  private var transformer: Transformer
  private var optimiser: AdamOptimiser
  private var stream: DataStream

  /// Makes a model and takes a step, so that what is made once is not timed.
  package init(_ plan: RunPlan, on device: any Device) throws {
    self.plan = plan
    self.device = device
    stream = DataStream(MersenneTwister(seed: 1))
    var parameters = stream
    transformer = try Transformer(
      plan.model, parameters: [ParameterLayout(plan.model).initialParameters(from: &parameters)], on: device)
    try plan.settleActivations(of: transformer, on: device)
    optimiser = try AdamOptimiser(transformer, plan.optimiser)
    try takeStep()
    try device.synchronize()
  }

  /// Takes steps for some seconds, at least one.
  ///
  /// - Returns: the steps per second.
  package mutating func measure(seconds: Double) throws -> Double {
    let began = ContinuousClock.now
    var steps = 0
    var elapsed = Duration.zero
    repeat {
      try takeStep()
      try device.synchronize()
      steps += 1
      elapsed = ContinuousClock.now - began
    } while elapsed < .seconds(seconds)
    return Double(steps) / (elapsed / .seconds(1))
  }

  private mutating func takeStep() throws {
    let batch = try PackedBatch(
      [Lane(model: 0, sequences: plan.training.batch(from: &stream))], .distinct,
      for: plan.model)
    try transformer.computeGradients(Batch(batch, on: device))
    try optimiser.update(transformer)
  }
}
