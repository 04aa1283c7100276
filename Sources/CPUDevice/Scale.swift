import CPUKernelTable
import Compute

extension CPUDevice {
  package func scale(_ operation: Scale) throws {
    try operation.validate()
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: Scale.name)
    let y = try floats(output, in: Scale.name)
    forEachRow(operation.count) { row in
      kernels.scale(
        ScaleSpan(
          input: x + row * input.stride, factor: Float(operation.factor), output: y + row * output.stride,
          count: input.columns))
    }
  }
}
