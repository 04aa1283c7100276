import CPUKernelTable
import Compute

extension CPUDevice {
  package func adam(_ operation: Adam) throws {
    try operation.validate()
    let name = Adam.name
    let parameters = try floats(operation.parameters, in: name)
    let gradients = try floats(operation.gradients, in: name)
    let firstMoment = try floats(operation.firstMoment, in: name)
    let secondMoment = try floats(operation.secondMoment, in: name)
    let decayWeights = try operation.decayWeights.map { try floats($0, in: name) }
    let norms = try operation.gradientNorms.map { try floats($0, in: name) }
    // Adam alone does not need to know where a model ends.
    let hasAdditions = decayWeights != nil || norms != nil
    let models = hasAdditions ? operation.models : 1
    let (size, span) = (operation.count / models, 1 << 14)
    let spans = (size + span - 1) / span
    let (clipNorm, decay) = (Float(operation.clipNorm), Float(operation.decay))
    pool.run(models * spans) { task, _ in
      let (model, place) = (task / spans, task % spans * span)
      let first = model * size + place
      var own = AdamSpan(
        parameters: parameters + first, gradients: gradients + first, firstMoment: firstMoment + first,
        secondMoment: secondMoment + first, count: min(span, size - place),
        stepSize: Float(operation.stepSize), rootScale: Float(operation.rootScale),
        beta1: Float(operation.beta1), beta2: Float(operation.beta2),
        oneMinusBeta1: Float(1 - operation.beta1),
        oneMinusBeta2: Float(1 - operation.beta2), epsilon: Float(operation.epsilon))
      if hasAdditions {
        let scale = norms.map { clipNorm / ($0[model] + Float(Adam.normEpsilon)) } ?? 1
        own.additions = AdamAdditions(
          // The comparison is false for NaN, which must spoil the model.
          gradientScale: scale >= 1 ? 1 : scale, decay: decay,
          decayWeights: decayWeights.map { UnsafePointer($0 + place / Adam.decayRun) })
      }
      kernels.adam(own)
    }
  }
}
