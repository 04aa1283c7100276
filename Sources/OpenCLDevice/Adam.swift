import Compute

/// Adam's update: launches Kernels/adam.cl.
extension OpenCLDevice {
  package func adam(_ operation: Adam) throws {
    try operation.validate()
    var arguments = KernelArguments(self, Adam.name)
    try arguments.buffer(operation.parameters)
    try arguments.buffer(operation.gradients)
    try arguments.buffer(operation.firstMoment)
    try arguments.buffer(operation.secondMoment)
    arguments.long(operation.count)
    arguments.float(Float(operation.beta1))
    arguments.float(Float(1 - operation.beta1))
    arguments.float(Float(operation.beta2))
    arguments.float(Float(1 - operation.beta2))
    arguments.float(Float(operation.stepSize))
    arguments.float(Float(operation.rootScale))
    arguments.float(Float(operation.epsilon))
    let kernel = try kernel(.adam, "adam", ["ELEMENTS": grain.elements])
    try launch(kernel, arguments, global: [blocks(operation.count, of: grain.elements)])
  }
}
