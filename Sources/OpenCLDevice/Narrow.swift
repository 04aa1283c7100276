import Compute
import HalfPrecision

/// Single-precision numbers in half precision: launches Kernels/narrow.cl.
extension OpenCLDevice {
  package func narrow(_ operation: Narrow) throws {
    try operation.validate()
    let output = operation.output
    var arguments = KernelArguments(self, Narrow.name)
    try arguments.matrix(operation.input)
    try arguments.buffer(output.words)
    arguments.long(output.offset)
    try arguments.int(output.stride)
    arguments.flag(output.format == .bfloat16)
    try launchRows(.narrow, Narrow.name, arguments, count: operation.count, width: output.columns)
  }
}
