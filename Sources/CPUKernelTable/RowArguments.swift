/// Kernels that work row by row or on runs of elements.
package protocol RowKernels {
  static func crossEntropy(_ row: CrossEntropyRow)
  static func adam(_ span: AdamSpan)
  static func add(_ span: AddSpan)
  static func scale(_ span: ScaleSpan)
  static func widen(_ span: WidenSpan)
  static func narrow(_ span: NarrowSpan)
  static func softCap(_ span: SoftCapSpan)
  static func softCapBackward(_ span: SoftCapBackwardSpan)
  static func gate(_ span: GateSpan)
  static func gateBackward(_ span: GateBackwardSpan)
  static func rotary(_ row: RotaryRow)
  /// The Frobenius norm of a block. The additions are compensated.
  static func norm(_ span: RowSpan) -> Float
}

/// One row of logits. `loss` and `correct` receive one scalar each.
package struct CrossEntropyRow {
  package var logits: UnsafePointer<Float>
  package var count: Int
  /// A negative target means no loss.
  package var target: Int
  package var weight: Float
  package var loss: UnsafeMutablePointer<Float>
  package var correct: UnsafeMutablePointer<Float>
  package var gradient: UnsafeMutablePointer<Float>?
  /// `count` floats, rounded up to whole vectors.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
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

/// Consecutive parameters to update.
package struct AdamSpan {
  package var parameters: UnsafeMutablePointer<Float>
  package var gradients: UnsafePointer<Float>
  package var firstMoment: UnsafeMutablePointer<Float>
  package var secondMoment: UnsafeMutablePointer<Float>
  package var count: Int
  package var stepSize: Float
  package var rootScale: Float
  package var beta1: Float
  package var beta2: Float
  /// 1 − β₁ and 1 − β₂, each rounded once. Computed from the rounded β₂ = 0.999, 1 − β₂ would have a relative
  /// error of 1.3e-5.
  package var oneMinusBeta1: Float
  package var oneMinusBeta2: Float
  package var epsilon: Float
  /// Clipping and decay; nil for Adam alone.
  package var additions: AdamAdditions?

  package init(
    parameters: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
    firstMoment: UnsafeMutablePointer<Float>, secondMoment: UnsafeMutablePointer<Float>, count: Int,
    stepSize: Float, rootScale: Float, beta1: Float, beta2: Float, oneMinusBeta1: Float, oneMinusBeta2: Float,
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
    self.oneMinusBeta1 = oneMinusBeta1
    self.oneMinusBeta2 = oneMinusBeta2
    self.epsilon = epsilon
  }
}

/// What clipping and weight decay add to a step of Adam, for parameters of one model.
package struct AdamAdditions {
  /// Multiplies the gradients; 1 without clipping.
  package var gradientScale: Float
  /// What an element with a decay weight of 1 loses of itself.
  package var decay: Float
  /// One weight for each sixteen parameters; nil without decay.
  package var decayWeights: UnsafePointer<Float>?

  package init(gradientScale: Float, decay: Float, decayWeights: UnsafePointer<Float>?) {
    self.gradientScale = gradientScale
    self.decay = decay
    self.decayWeights = decayWeights
  }
}

/// `output = left + right`, `count` floats; the output may be either operand.
package struct AddSpan {
  package var left: UnsafePointer<Float>
  package var right: UnsafePointer<Float>
  package var output: UnsafeMutablePointer<Float>
  package var count: Int

  package init(
    left: UnsafePointer<Float>, right: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.left = left
    self.right = right
    self.output = output
    self.count = count
  }
}

/// `output = factor · input`, `count` floats; the output may be the input.
package struct ScaleSpan {
  package var input: UnsafePointer<Float>
  package var factor: Float
  package var output: UnsafeMutablePointer<Float>
  package var count: Int

  package init(
    input: UnsafePointer<Float>, factor: Float, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.input = input
    self.factor = factor
    self.output = output
    self.count = count
  }
}

/// One row of queries or keys: in each head, columns j and j + pairs form a point that is rotated by angle j.
package struct RotaryRow {
  package var row: UnsafeMutablePointer<Float>
  package var heads: Int
  /// The number of columns of a head.
  package var headWidth: Int
  /// The number of pairs that are rotated in a head.
  package var pairs: Int
  package var cosines: UnsafePointer<Float>
  package var sines: UnsafePointer<Float>
  /// 1, or −1 to rotate back.
  package var direction: Float

  package init(
    row: UnsafeMutablePointer<Float>, heads: Int, headWidth: Int, pairs: Int,
    cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, direction: Float
  ) {
    self.row = row
    self.heads = heads
    self.headWidth = headWidth
    self.pairs = pairs
    self.cosines = cosines
    self.sines = sines
    self.direction = direction
  }
}

/// `output = input`, `count` numbers in half precision: in bfloat16, or in IEEE 754 binary16.
package struct WidenSpan {
  package var input: UnsafePointer<UInt16>
  package var isBrain: Bool
  package var output: UnsafeMutablePointer<Float>
  package var count: Int

  package init(
    input: UnsafePointer<UInt16>, isBrain: Bool, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.input = input
    self.isBrain = isBrain
    self.output = output
    self.count = count
  }
}

/// `output = input`, `count` numbers in half precision: in bfloat16, or in IEEE 754 binary16.
package struct NarrowSpan {
  package var input: UnsafePointer<Float>
  package var isBrain: Bool
  package var output: UnsafeMutablePointer<UInt16>
  package var count: Int

  package init(
    input: UnsafePointer<Float>, isBrain: Bool, output: UnsafeMutablePointer<UInt16>, count: Int
  ) {
    self.input = input
    self.isBrain = isBrain
    self.output = output
    self.count = count
  }
}
