/// One step of Adam (Kingma & Ba 2015, algorithm 1) on every element of models `0..<models`:
/// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
/// `p ← p − rate·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε)`.
package struct Adam {
  package static let name = "adam"

  /// float32 [models, parameters of a model], like the three buffers below.
  package var parameters: any Buffer
  package var gradients: any Buffer
  package var firstMoment: any Buffer
  package var secondMoment: any Buffer
  /// The number of elements to update, counted from the first.
  package var count: Int
  /// t, counted from 1.
  package var step: Int
  package var learningRate: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double

  package init(
    parameters: any Buffer, gradients: any Buffer, firstMoment: any Buffer, secondMoment: any Buffer,
    count: Int, step: Int, learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8
  ) {
    self.parameters = parameters
    self.gradients = gradients
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.count = count
    self.step = step
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  package func validate() throws {
    guard step >= 1 else { throw ComputeError.invalid(Self.name, "steps count from 1, not \(step)") }
    for buffer in [parameters, gradients, firstMoment, secondMoment] {
      guard buffer.elementType == .float32, count >= 0, buffer.count >= count else {
        throw ComputeError.invalid(Self.name, "a buffer of \(buffer.count) elements, expected \(count)")
      }
    }
  }

  /// The factors that a device uses, each rounded once from Double: `p −= stepSize·m / (√v·rootScale + ε)`
  /// with stepSize = rate/(1−β₁ᵗ) and rootScale = 1/√(1−β₂ᵗ).
  package var stepSize: Double { learningRate / (1 - power(beta1)) }
  package var rootScale: Double { 1 / (1 - power(beta2)).squareRoot() }

  private func power(_ beta: Double) -> Double {
    var (result, base, exponent) = (1.0, beta, step)
    while exponent > 0 {
      if exponent & 1 == 1 { result *= base }
      base *= base
      exponent >>= 1
    }
    return result
  }
}

extension Adam: DeviceOperation {
  package func run(on device: any Device) throws { try device.adam(self) }
}

extension ForwardingDevice {
  package func adam(_ operation: Adam) throws { try perform(operation) }
}
