import Compute

/// Caps of elements: launches Kernels/soft_cap.cl.
extension OpenCLDevice {
  package func softCap(_ operation: SoftCap) throws {
    try operation.validate()
    var arguments = KernelArguments(self, SoftCap.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.output)
    arguments.float(Float(operation.cap))
    try launchRows(
      .softCap, SoftCap.name, arguments, count: operation.count, width: operation.input.columns)
  }

  package func softCapBackward(_ operation: SoftCapBackward) throws {
    try operation.validate()
    var arguments = KernelArguments(self, SoftCapBackward.name)
    try arguments.matrix(operation.output)
    try arguments.matrix(operation.outputGradient)
    try arguments.matrix(operation.inputGradient)
    arguments.float(Float(operation.cap))
    try launchRows(
      .softCap, SoftCapBackward.name, arguments, count: operation.count, width: operation.output.columns)
  }
}
