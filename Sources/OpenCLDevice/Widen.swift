import Compute
import HalfPrecision

/// Numbers in half precision as single-precision numbers: launches Kernels/widen.cl.
extension OpenCLDevice {
  package func widen(_ operation: Widen) throws {
    try operation.validate()
    let input = operation.input
    var arguments = KernelArguments(self, Widen.name)
    try arguments.buffer(input.words)
    arguments.long(input.offset)
    try arguments.int(input.stride)
    arguments.flag(input.format == .bfloat16)
    try arguments.matrix(operation.output)
    try launchRows(.widen, Widen.name, arguments, count: operation.count, width: input.columns)
  }
}
