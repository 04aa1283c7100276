import Compute

/// Adam's moments of every model of an ensemble, and the steps taken.
public final class AdamOptimiser {
  public var learningRate: Double
  public private(set) var step = 0
  private let firstMoment: any Buffer
  private let secondMoment: any Buffer

  public init(_ transformer: Transformer, learningRate: Double = 1e-3) throws {
    self.learningRate = learningRate
    firstMoment = try transformer.device.makeBuffer(count: transformer.parameters.count)
    secondMoment = try transformer.device.makeBuffer(count: transformer.parameters.count)
  }

  /// [models, parameters a model]: both moments, to be kept.
  public func readMoments(_ device: any Device) throws -> (first: [Float], second: [Float]) {
    (try device.read(firstMoment), try device.read(secondMoment))
  }

  /// Continues from moments that were kept after `step` steps.
  public func restore(
    _ moments: (first: [Float], second: [Float]), step: Int, _ device: any Device
  ) throws {
    try device.write(moments.first, to: firstMoment, at: 0)
    try device.write(moments.second, to: secondMoment, at: 0)
    self.step = step
  }

  /// Steps all models with their gradients, in one operation.
  public func update(_ transformer: Transformer) throws {
    guard let gradients = transformer.gradients else { return }
    step += 1
    try transformer.device.adam(
      Adam(
        parameters: transformer.parameters, gradients: gradients, firstMoment: firstMoment,
        secondMoment: secondMoment, count: transformer.parameters.count, step: step,
        learningRate: learningRate))
  }
}
