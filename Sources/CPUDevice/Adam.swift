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
    let span = 1 << 14
    pool.run((operation.count + span - 1) / span) { task, _ in
      let first = task * span
      kernels.adam(
        AdamSpan(
          parameters: parameters + first, gradients: gradients + first, firstMoment: firstMoment + first,
          secondMoment: secondMoment + first, count: min(span, operation.count - first),
          stepSize: Float(operation.stepSize), rootScale: Float(operation.rootScale),
          beta1: Float(operation.beta1), beta2: Float(operation.beta2),
          oneMinusBeta1: Float(1 - operation.beta1),
          oneMinusBeta2: Float(1 - operation.beta2), epsilon: Float(operation.epsilon)))
    }
  }
}
