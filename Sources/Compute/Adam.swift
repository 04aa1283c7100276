/// One step of Adam (Kingma & Ba 2015, algorithm 1) on every element of models `0..<models`:
/// `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
/// `p ← p − rate·(m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε)`.
///
/// Two additions are off by default and then cost nothing. With `decayWeights` it is AdamW (Loshchilov & Hutter
/// 2019, algorithm 2): p also loses `rate·λ·w·p`, where w is the element's decay weight. With `gradientNorms` every
/// model's gradient is clipped: g is first multiplied by `min(1, clipNorm / (norm + 1e-6))`, as
/// `torch.nn.utils.clip_grad_norm_` does for one model.
package struct Adam {
  package static let name = "adam"
  /// The number of consecutive elements of a model that share a decay weight.
  package static let decayRun = 16
  /// What is added to a norm before dividing by it.
  package static let normEpsilon = 1e-6

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
  /// The number of models that `count` is divided into. It matters only for clipping and decay.
  package var models = 1
  /// λ. Only elements with a decay weight decay.
  package var weightDecay = 0.0
  /// float32 [⌈parameters of a model / 16⌉], for all models alike: the w of each run of sixteen elements, 1 for
  /// those that decay and 0 for the others.
  package var decayWeights: (any Buffer)?
  /// The largest norm of a model's gradient. Only with `gradientNorms`, and then positive.
  package var clipNorm = 0.0
  /// float32 [models]: the norm of each model's gradient. A norm of NaN spoils its model.
  package var gradientNorms: (any Buffer)?

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
    guard models >= 1, count % models == 0 else {
      throw ComputeError.invalid(Self.name, "\(count) elements can't be divided among \(models) models")
    }
    try validateAdditions()
  }

  private func validateAdditions() throws {
    guard weightDecay >= 0, weightDecay.isFinite, weightDecay == 0 || decayWeights != nil else {
      throw ComputeError.invalid(
        Self.name, "a weight decay of \(weightDecay) without weights, or not a number")
    }
    guard gradientNorms == nil ? clipNorm == 0 : clipNorm > 0 && clipNorm.isFinite else {
      throw ComputeError.invalid(Self.name, "a largest norm of \(clipNorm) for gradients")
    }
    let runs = (parametersPerModel + Self.decayRun - 1) / Self.decayRun
    for (buffer, expected) in [(decayWeights, runs), (gradientNorms, models)] {
      guard let buffer else { continue }
      guard buffer.elementType == .float32, buffer.count >= expected else {
        throw ComputeError.invalid(Self.name, "a buffer of \(buffer.count) elements, expected \(expected)")
      }
    }
  }

  package var parametersPerModel: Int { count / models }

  /// The factors that a device uses, each rounded once from Double: `p −= stepSize·m / (√v·rootScale + ε)`
  /// with stepSize = rate/(1−β₁ᵗ) and rootScale = 1/√(1−β₂ᵗ).
  package var stepSize: Double { learningRate / (1 - power(beta1)) }
  package var rootScale: Double { 1 / (1 - power(beta2)).squareRoot() }
  /// What an element with a decay weight of 1 loses of itself; 0 without decay.
  package var decay: Double { decayWeights == nil ? 0 : learningRate * weightDecay }

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
