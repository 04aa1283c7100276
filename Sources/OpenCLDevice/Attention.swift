import Compute
import Kernels

/// Attention on both families of kernels: launches Kernels/attention.cl.
extension OpenCLDevice {
  package func attention(_ operation: Attention) throws {
    try operation.validate()
    if family == .local { return try localAttention(operation) }
    let form = try form(operation.layout)
    // Each query has its own SIMD lane.
    let tiles = try form.tiles(self, operation.layout, height: 16)
    let kernel = try kernel(.attention, "attention", operation.values)
    try launch(kernel, arguments(operation, form, tiles), global: Grid(operation.heads, tiles.count))
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
    try arguments.keyRows(operation.keyRows)
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
    try arguments.keyRows(operation.keyRows)
    try arguments.int(operation.heads)
    arguments.float(operation.scale)
    let kernel = try kernel(.attention, "attention_backward", operation.values)
    try launch(kernel, arguments, global: Grid(operation.heads, form.sequences.count))
  }
}

extension Attention {
  var scale: Float { Float(scores.scale(headWidth: headWidth)) }

  /// The values that follow from the operands.
  var values: KernelValues { scores.values(headWidth, layout, keyRows) }
}

extension AttentionBackward {
  var scale: Float { Float(scores.scale(headWidth: headWidth)) }

  /// The values that follow from the operands.
  var values: KernelValues { scores.values(headWidth, layout, keyRows) }
}

extension AttentionScores {
  fileprivate func values(_ headWidth: Int, _ layout: AttentionLayout, _ keyRows: KeyRows?) -> KernelValues {
    [
      "HEAD_WIDTH": headWidth, "WINDOW": window(in: layout) ?? 0,
      "CAP": cap.map { Int(Float($0).bitPattern) } ?? 0, "KEY_ROWS": keyRows == nil ? 0 : 1,
    ]
  }
}
