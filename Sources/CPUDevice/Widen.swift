import CPUKernelTable
import Compute
import HalfPrecision

extension CPUDevice {
  package func widen(_ operation: Widen) throws {
    try operation.validate()
    let (input, output) = (operation.input, operation.output)
    let words = try integers(input.words, in: Widen.name)
    let x = UnsafeRawPointer(words).assumingMemoryBound(to: UInt16.self) + input.offset
    let y = try floats(output, in: Widen.name)
    forEachRow(operation.count) { row in
      kernels.widen(
        WidenSpan(
          input: x + row * input.stride, isBrain: input.format == .bfloat16, output: y + row * output.stride,
          count: input.columns))
    }
  }
}
