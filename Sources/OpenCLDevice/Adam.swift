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
    // Adam alone does not need to know where a model ends.
    let hasAdditions = operation.decayWeights != nil || operation.gradientNorms != nil
    let models = hasAdditions ? operation.models : 1
    let size = operation.count / models
    arguments.long(size)
    try arguments.int(models)
    arguments.float(Float(operation.beta1))
    arguments.float(Float(1 - operation.beta1))
    arguments.float(Float(operation.beta2))
    arguments.float(Float(1 - operation.beta2))
    arguments.float(Float(operation.stepSize))
    arguments.float(Float(operation.rootScale))
    arguments.float(Float(operation.epsilon))
    try arguments.buffer(operation.gradientNorms ?? absent)
    arguments.float(Float(operation.clipNorm))
    try arguments.buffer(operation.decayWeights ?? absent)
    arguments.float(Float(operation.decay))
    let kernel = try kernel(.adam, "adam", ["ELEMENTS": grain.elements])
    try launch(kernel, arguments, global: Grid(blocks(size, of: grain.elements), models))
  }
}
