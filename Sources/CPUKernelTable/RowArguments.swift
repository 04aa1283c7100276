/// One row of logits. `loss` and `correct` receive a scalar each.
public struct CrossEntropyRow {
  public var logits: UnsafePointer<Float>
  public var count: Int
  /// Negative: no loss.
  public var target: Int
  public var weight: Float
  public var loss: UnsafeMutablePointer<Float>
  public var correct: UnsafeMutablePointer<Float>
  public var gradient: UnsafeMutablePointer<Float>?
  /// `count` floats rounded up to whole vectors.
  public var scratch: UnsafeMutablePointer<Float>

  public init(
    logits: UnsafePointer<Float>, count: Int, target: Int, weight: Float,
    loss: UnsafeMutablePointer<Float>, correct: UnsafeMutablePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?, scratch: UnsafeMutablePointer<Float>
  ) {
    self.logits = logits
    self.count = count
    self.target = target
    self.weight = weight
    self.loss = loss
    self.correct = correct
    self.gradient = gradient
    self.scratch = scratch
  }
}

/// A run of parameters to step.
public struct AdamSpan {
  public var parameters: UnsafeMutablePointer<Float>
  public var gradients: UnsafePointer<Float>
  public var firstMoment: UnsafeMutablePointer<Float>
  public var secondMoment: UnsafeMutablePointer<Float>
  public var count: Int
  public var stepSize: Float
  public var rootScale: Float
  public var beta1: Float
  public var beta2: Float
  /// 1 − β₁ and 1 − β₂, each rounded once: a difference of rounded betas would be off by 5e-5.
  public var rest1: Float
  public var rest2: Float
  public var epsilon: Float

  public init(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    firstMoment: UnsafeMutablePointer<Float>, secondMoment: UnsafeMutablePointer<Float>, count: Int,
    stepSize: Float, rootScale: Float, beta1: Float, beta2: Float, rest1: Float, rest2: Float,
    epsilon: Float
  ) {
    self.parameters = parameters
    self.gradients = gradients
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.count = count
    self.stepSize = stepSize
    self.rootScale = rootScale
    self.beta1 = beta1
    self.beta2 = beta2
    self.rest1 = rest1
    self.rest2 = rest2
    self.epsilon = epsilon
  }
}

/// `output = left + right`, `count` floats; the output may be either operand.
public struct AddSpan {
  public var left: UnsafePointer<Float>
  public var right: UnsafePointer<Float>
  public var output: UnsafeMutablePointer<Float>
  public var count: Int

  public init(
    left: UnsafePointer<Float>, right: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.left = left
    self.right = right
    self.output = output
    self.count = count
  }
}

/// One row of queries or keys: in each head columns j and j + pairs are a point to turn by angle j.
public struct RotaryRow {
  public var row: UnsafeMutablePointer<Float>
  public var heads: Int
  /// Pairs a head.
  public var pairs: Int
  public var cosines: UnsafePointer<Float>
  public var sines: UnsafePointer<Float>
  /// 1, or −1 to turn back.
  public var direction: Float

  public init(
    row: UnsafeMutablePointer<Float>, heads: Int, pairs: Int, cosines: UnsafePointer<Float>,
    sines: UnsafePointer<Float>, direction: Float
  ) {
    self.row = row
    self.heads = heads
    self.pairs = pairs
    self.cosines = cosines
    self.sines = sines
    self.direction = direction
  }
}
