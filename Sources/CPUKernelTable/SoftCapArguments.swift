/// `output = cap·tanh(input/cap)`, `count` floats; the output may be the input.
package struct SoftCapSpan {
  package var input: UnsafePointer<Float>
  package var cap: Float
  package var output: UnsafeMutablePointer<Float>
  package var count: Int

  package init(
    input: UnsafePointer<Float>, cap: Float, output: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.input = input
    self.cap = cap
    self.output = output
    self.count = count
  }
}

/// `inputGradient = outputGradient · (1 − (output/cap)²)`, `count` floats; the gradients may be one.
package struct SoftCapBackwardSpan {
  package var output: UnsafePointer<Float>
  package var cap: Float
  package var outputGradient: UnsafePointer<Float>
  package var inputGradient: UnsafeMutablePointer<Float>
  package var count: Int

  package init(
    output: UnsafePointer<Float>, cap: Float, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, count: Int
  ) {
    self.output = output
    self.cap = cap
    self.outputGradient = outputGradient
    self.inputGradient = inputGradient
    self.count = count
  }
}
