import Compute

/// Adam's moments for every model of an ensemble, and the number of steps taken, which all models share.
///
///     let optimiser = try AdamOptimiser(transformer, OptimiserSettings(learningRate: 3e-4, clipNorm: 1))
///     try transformer.computeGradients(batch)
///     try optimiser.update(transformer)
package final class AdamOptimiser {
  package let settings: OptimiserSettings
  package private(set) var step: Int
  private let device: any Device
  package let firstMoment: ParameterStore
  package let secondMoment: ParameterStore
  private let additions: OptimiserAdditions

  /// - Parameter step: the number of earlier steps, if moments are restored.
  package init(_ transformer: Transformer, _ settings: OptimiserSettings, step: Int = 0) throws {
    self.settings = settings
    self.step = step
    device = transformer.device
    firstMoment = try transformer.makeStore()
    secondMoment = try transformer.makeStore()
    additions = try OptimiserAdditions(settings, firstMoment, on: device)
    try additions.fill(firstMoment, on: device)
  }

  /// Adam alone.
  package convenience init(
    _ transformer: Transformer, learningRate: Double = 1e-3, step: Int = 0
  ) throws {
    try self.init(transformer, OptimiserSettings(learningRate: learningRate), step: step)
  }

  private init(_ kept: [Int], of whole: AdamOptimiser) throws {
    (settings, step) = (whole.settings, whole.step)
    device = whole.device
    firstMoment = try whole.firstMoment.keeping(kept, on: device)
    secondMoment = try whole.secondMoment.keeping(kept, on: device)
    additions = try OptimiserAdditions(settings, firstMoment, on: device)
    try additions.fill(firstMoment, on: device)
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

  /// Updates all models with their gradients, in one operation for each buffer of parameters. Nothing is read from
  /// the device. The gradients stay as they are, also if they are clipped.
  ///
  /// - Throws: `ModelError.batch` before the first backward.
  package func update(_ transformer: Transformer) throws {
    let gradients = try transformer.allGradients()
    step += 1
    try additions.norms?.compute(gradients, on: device)
    for (group, parameters) in transformer.parameters.buffers.enumerated() {
      var operation = Adam(
        parameters: parameters, gradients: gradients.buffers[group],
        firstMoment: firstMoment.buffers[group], secondMoment: secondMoment.buffers[group],
        count: parameters.count, step: step, learningRate: settings.learningRate(atStep: step))
      operation.models = transformer.modelCount
      if let weights = additions.decayWeights {
        (operation.weightDecay, operation.decayWeights) = (settings.weightDecay, weights.buffers[group])
      }
      if let norms = additions.norms {
        (operation.clipNorm, operation.gradientNorms) = (settings.clipNorm, norms.norms)
      }
      try device.adam(operation)
    }
    try device.flush()
  }
}

/// The buffers that clipping and weight decay need; none if both are off.
struct OptimiserAdditions {
  let norms: ModelNorms?
  let decayWeights: DecayWeights?

  /// - Parameter store: parameters, gradients or moments of the models, for their shape.
  init(_ settings: OptimiserSettings, _ store: ParameterStore, on memory: any BufferMaking) throws {
    norms = settings.clipNorm > 0 ? try ModelNorms(store, on: memory) : nil
    decayWeights = settings.weightDecay > 0 ? try DecayWeights(store, on: memory) : nil
  }

  func fill(_ store: ParameterStore, on device: any Device) throws {
    try decayWeights?.fill(store, on: device)
  }
}
