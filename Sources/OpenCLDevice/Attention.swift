import Compute

/// Attention on both families of kernels: launches Kernels/attention.cl.
extension OpenCLDevice {
  package func attention(_ operation: Attention) throws {
    try operation.validate()
    if family == .local { return try localAttention(operation) }
    let form = try form(operation.layout)
    // Each query has its own SIMD lane.
    let tiles = try form.tiles(self, operation.layout, height: 16)
    let kernel = try kernel(.attention, "attention", ["HEAD_WIDTH": operation.headWidth])
    try launch(kernel, arguments(operation, form, tiles), global: [operation.heads, tiles.count])
  }

  /// The arguments of the forward kernels of both families, in the order of their parameters.
  func arguments(
    _ operation: Attention, _ form: AttentionLayoutForm, _ tiles: DeviceList
  ) throws -> KernelArguments {
    var arguments = KernelArguments(self, Attention.name)
    try arguments.matrix(operation.query)
    try arguments.matrix(operation.key)
    try arguments.matrix(operation.value)
    try arguments.matrix(operation.output)
    try arguments.matrix(operation.logSumExp)
    try arguments.list(tiles)
    try arguments.buffer(form.positions)
    try arguments.int(operation.heads)
    arguments.float(operation.scale)
    return arguments
  }

  package func attentionBackward(_ operation: AttentionBackward) throws {
    try operation.validate()
    if family == .local { return try localAttentionBackward(operation) }
    let form = try form(operation.layout)
    var arguments = KernelArguments(self, AttentionBackward.name)
    try arguments.matrix(operation.query)
    try arguments.matrix(operation.key)
    try arguments.matrix(operation.value)
    try arguments.matrix(operation.output)
    try arguments.matrix(operation.logSumExp)
    try arguments.matrix(operation.outputGradient)
    try arguments.matrix(operation.queryGradient)
    try arguments.matrix(operation.keyGradient)
    try arguments.matrix(operation.valueGradient)
    try arguments.list(form.sequences)
    try arguments.buffer(form.positions)
    try arguments.int(operation.heads)
    arguments.float(operation.scale)
    let kernel = try kernel(.attention, "attention_backward", ["HEAD_WIDTH": operation.headWidth])
    try launch(kernel, arguments, global: [operation.heads, form.sequences.count])
  }
}

extension Attention {
  /// 1/√headWidth
  var scale: Float { Float(1 / Double(headWidth).squareRoot()) }
}

extension AttentionBackward {
  var scale: Float { Float(1 / Double(headWidth).squareRoot()) }
}
