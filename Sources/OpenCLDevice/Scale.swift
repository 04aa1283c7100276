import Compute

/// Multiplication by a number: launches Kernels/scale.cl.
extension OpenCLDevice {
  package func scale(_ operation: Scale) throws {
    try operation.validate()
    var arguments = KernelArguments(self, Scale.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.output)
    arguments.float(Float(operation.factor))
    try launchRows(.scale, Scale.name, arguments, count: operation.count, width: operation.input.columns)
  }
}
