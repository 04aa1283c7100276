import CPUKernelTable
import Compute

extension CPUDevice {
  package func softCap(_ operation: SoftCap) throws {
    try operation.validate()
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: SoftCap.name)
    let y = try floats(output, in: SoftCap.name)
    forEachRow(operation.count) { row in
      kernels.softCap(
        SoftCapSpan(
          input: x + row * input.stride, cap: Float(operation.cap), output: y + row * output.stride,
          count: input.columns))
    }
  }

  package func softCapBackward(_ operation: SoftCapBackward) throws {
    try operation.validate()
    let name = SoftCapBackward.name
    let (output, outputGradient) = (operation.output, operation.outputGradient)
    let inputGradient = operation.inputGradient
    let y = try floats(output, in: name)
    let dy = try floats(outputGradient, in: name)
    let dx = try floats(inputGradient, in: name)
    forEachRow(operation.count) { row in
      kernels.softCapBackward(
        SoftCapBackwardSpan(
          output: y + row * output.stride, cap: Float(operation.cap),
          outputGradient: dy + row * outputGradient.stride, inputGradient: dx + row * inputGradient.stride,
          count: output.columns))
    }
  }
}
