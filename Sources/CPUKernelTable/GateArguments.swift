/// The activation of a span.
package enum SpanActivation: Sendable { case identity, gelu, geluTanh, silu }

/// `output = activation(input) [· factor]`, `count` floats; the output may be either operand.
package struct GateSpan {
  package var input: UnsafePointer<Float>
  package var factor: UnsafePointer<Float>?
  package var activation: SpanActivation
  package var output: UnsafeMutablePointer<Float>
  package var count: Int

  package init(
    input: UnsafePointer<Float>, factor: UnsafePointer<Float>?, activation: SpanActivation,
    output: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.input = input
    self.factor = factor
    self.activation = activation
    self.output = output
    self.count = count
  }
}

/// The gradients of a gate, `count` floats. `factor` and `factorGradient` go together; `inputGradient` may be
/// `outputGradient`.
package struct GateBackwardSpan {
  package var input: UnsafePointer<Float>
  package var factor: UnsafePointer<Float>?
  package var activation: SpanActivation
  /// Whether `activation(input)/input` takes the place of the derivative, and factors get half.
  package var passesRelevance: Bool
  package var outputGradient: UnsafePointer<Float>
  package var inputGradient: UnsafeMutablePointer<Float>
  package var factorGradient: UnsafeMutablePointer<Float>?
  package var count: Int

  package init(
    input: UnsafePointer<Float>, factor: UnsafePointer<Float>?, activation: SpanActivation,
    passesRelevance: Bool, outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>,
    factorGradient: UnsafeMutablePointer<Float>?, count: Int
  ) {
    self.input = input
    self.factor = factor
    self.activation = activation
    self.passesRelevance = passesRelevance
    self.outputGradient = outputGradient
    self.inputGradient = inputGradient
    self.factorGradient = factorGradient
    self.count = count
  }
}
