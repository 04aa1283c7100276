import Compute

/// Adam's moments for every model of an ensemble, and the number of steps taken, which all models share.
package final class AdamOptimiser {
  package var learningRate: Double
  package private(set) var step: Int
  private let device: any Device
  package let firstMoment: ParameterStore
  package let secondMoment: ParameterStore

  /// - Parameter step: the number of earlier steps, if moments are restored.
  package init(_ transformer: Transformer, learningRate: Double = 1e-3, step: Int = 0) throws {
    self.learningRate = learningRate
    self.step = step
    device = transformer.device
    firstMoment = try transformer.makeStore()
    secondMoment = try transformer.makeStore()
  }

  private init(_ kept: [Int], of whole: AdamOptimiser) throws {
    (learningRate, step) = (whole.learningRate, whole.step)
    device = whole.device
    firstMoment = try whole.firstMoment.keeping(kept, on: device)
    secondMoment = try whole.secondMoment.keeping(kept, on: device)
  }

  /// The optimiser for `Transformer.keeping(_:)`: the moments of the same models, copied within the device.
  package func keeping(_ models: [Int]) throws -> AdamOptimiser { try AdamOptimiser(models, of: self) }

  /// The moments of all parameters of one model.
  package struct Moments: Equatable, Sendable {
    /// [parameters]
    package var first: [Float]
    /// [parameters]
    package var second: [Float]

    package init(first: [Float], second: [Float]) {
      self.first = first
      self.second = second
    }
  }

  /// The moments of one model, to be stored.
  package func moments(ofModel model: Int) throws -> Moments {
    Moments(
      first: try firstMoment.read(ofModel: model, on: device),
      second: try secondMoment.read(ofModel: model, on: device))
  }

  /// Continues one model with moments that were stored after `step` steps.
  package func restore(_ moments: Moments, ofModel model: Int) throws {
    try firstMoment.write(moments.first, toModel: model, on: device)
    try secondMoment.write(moments.second, toModel: model, on: device)
  }

  /// Updates all models with their gradients, in one operation for each buffer of parameters.
  ///
  /// - Throws: `ModelError.batch` before the first backward.
  package func update(_ transformer: Transformer) throws {
    let gradients = try transformer.lastGradients()
    step += 1
    for (group, parameters) in transformer.parameters.buffers.enumerated() {
      try device.adam(
        Adam(
          parameters: parameters, gradients: gradients.buffers[group],
          firstMoment: firstMoment.buffers[group], secondMoment: secondMoment.buffers[group],
          count: parameters.count, step: step, learningRate: learningRate))
    }
  }
}
