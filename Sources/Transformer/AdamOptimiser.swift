import Compute

/// Adam's moments of every model of an ensemble, and the steps taken, which all of its models share.
package final class AdamOptimiser {
  package var learningRate: Double
  package private(set) var step: Int
  private let device: any Device
  /// Elements a model.
  private let count: Int
  /// [models, count]
  private let firstMoment: any Buffer
  private let secondMoment: any Buffer

  /// - Parameter step: steps taken before, for moments that are restored.
  package init(_ transformer: Transformer, learningRate: Double = 1e-3, step: Int = 0) throws {
    self.learningRate = learningRate
    self.step = step
    device = transformer.device
    count = transformer.layout.count
    firstMoment = try device.makeBuffer(count: transformer.parameters.count)
    secondMoment = try device.makeBuffer(count: transformer.parameters.count)
  }

  private init(_ kept: [Int], of whole: AdamOptimiser) throws {
    (learningRate, step) = (whole.learningRate, whole.step)
    (device, count) = (whole.device, whole.count)
    firstMoment = try device.copy(kept, count, of: whole.firstMoment)
    secondMoment = try device.copy(kept, count, of: whole.secondMoment)
  }

  /// The optimiser of `Transformer.keeping(_:)`: the same models' moments, copied within the device.
  package func keeping(_ models: [Int]) throws -> AdamOptimiser { try AdamOptimiser(models, of: self) }

  /// [count]: one model's moments, to be kept.
  package func moments(ofModel model: Int) throws -> (first: [Float], second: [Float]) {
    let range = model * count..<(model + 1) * count
    return (try device.read(firstMoment, range), try device.read(secondMoment, range))
  }

  /// Continues one model from moments that were kept after `step` steps.
  package func restore(_ moments: (first: [Float], second: [Float]), ofModel model: Int) throws {
    try device.write(moments.first, to: firstMoment, at: model * count)
    try device.write(moments.second, to: secondMoment, at: model * count)
  }

  /// Steps all models with their gradients, in one operation.
  package func update(_ transformer: Transformer) throws {
    guard let gradients = transformer.gradients else { return }
    step += 1
    try transformer.device.adam(
      Adam(
        parameters: transformer.parameters, gradients: gradients, firstMoment: firstMoment,
        secondMoment: secondMoment, count: transformer.parameters.count, step: step,
        learningRate: learningRate))
  }
}
