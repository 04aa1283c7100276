import Compute
import Foundation

/// One step of Adam, computed as in algorithm 1 of Kingma & Ba (2015), with decoupled weight decay as in algorithm 2
/// of Loshchilov & Hutter (2019), and clipping before both.
extension ReferenceDevice {
  package func adam(_ operation: Adam) throws {
    try operation.validate()
    let name = Adam.name
    let parameters = try resolve(operation.parameters, .float32, in: name)
    let gradients = try resolve(operation.gradients, .float32, in: name)
    let first = try resolve(operation.firstMoment, .float32, in: name)
    let second = try resolve(operation.secondMoment, .float32, in: name)
    let (beta1, beta2) = (operation.beta1, operation.beta2)
    let step = Double(operation.step)
    let size = operation.parametersPerModel
    let decayWeights = try operation.decayWeights.map { try resolve($0, .float32, in: name) }
    let scales = try operation.gradientNorms.map { norms in
      try resolve(norms, .float32, in: name).values.prefix(operation.models).map { norm in
        let scale = operation.clipNorm / (norm + Adam.normEpsilon)
        return scale >= 1 ? 1 : scale
      }
    }

    for index in 0..<operation.count {
      let gradient = (scales?[index / size] ?? 1) * gradients.values[index]
      first.values[index] = beta1 * first.values[index] + (1 - beta1) * gradient
      second.values[index] = beta2 * second.values[index] + (1 - beta2) * gradient * gradient
      let correctedFirst = first.values[index] / (1 - pow(beta1, step))
      let correctedSecond = second.values[index] / (1 - pow(beta2, step))
      let decay = (decayWeights?.values[index % size / Adam.decayRun] ?? 0) * operation.decay
      parameters.values[index] -=
        operation.learningRate * correctedFirst / (correctedSecond.squareRoot() + operation.epsilon)
        + decay * parameters.values[index]
    }
  }
}
