import CPUKernelTable
import Compute
import HalfPrecision

extension CPUDevice {
  package func narrow(_ operation: Narrow) throws {
    try operation.validate()
    let (input, output) = (operation.input, operation.output)
    let words = try integers(output.words, in: Narrow.name)
    let x = try floats(input, in: Narrow.name)
    let y = UnsafeMutableRawPointer(words).assumingMemoryBound(to: UInt16.self) + output.offset
    forEachRow(operation.count) { row in
      kernels.narrow(
        NarrowSpan(
          input: x + row * input.stride, isBrain: output.format == .bfloat16, output: y + row * output.stride,
          count: input.columns))
    }
  }
}
