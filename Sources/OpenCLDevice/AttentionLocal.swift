import Compute
import Kernels

/// Attention on GPUs: launches Kernels/attention_local.cl and Kernels/attention_backward_local.cl.
extension OpenCLDevice {
  func localAttention(_ operation: Attention) throws {
    let group = try AttentionGroup(self, .attentionLocal, headWidth: operation.headWidth)
    let form = try form(operation.layout)
    let tiles = try form.tiles(self, operation.layout, height: group.rows)
    try launch(
      group.kernel(self, Attention.name), arguments(operation, form, tiles),
      groups: [tiles.count, operation.heads], local: [group.rows, group.parts])
  }

  /// Two launches: first the queries, then the keys, which use what the first launch computed from the
  /// outputs.
  func localAttentionBackward(_ operation: AttentionBackward) throws {
    let group = try AttentionGroup(self, .attentionBackwardLocal, headWidth: operation.headWidth)
    let layout = operation.layout
    let form = try form(layout)
    let tiles = try form.tiles(self, layout, height: group.rows)
    // D for each query row and head.
    let dots = try scratch(count: layout.queryExtent * operation.heads)
    var queries = try backwardArguments(operation, output: operation.output)
    try queries.matrix(operation.queryGradient)
    try queries.buffer(dots)
    try queries.list(tiles)
    try queries.buffer(form.positions)
    try queries.int(operation.heads)
    queries.float(operation.scale)
    var keys = try backwardArguments(operation, output: nil)
    try keys.matrix(operation.keyGradient)
    try keys.matrix(operation.valueGradient)
    try keys.buffer(dots)
    try keys.list(form.sequences)
    try keys.buffer(form.positions)
    try keys.int(operation.heads)
    keys.float(operation.scale)
    // Both kernels and their arguments are checked before the first launch is queued.
    try launch(
      group.kernel(self, "attention_backward_query"), queries, groups: [tiles.count, operation.heads],
      local: [group.rows, group.parts])
    try launch(
      group.kernel(self, "attention_backward_key"), keys,
      groups: [form.sequences.count, operation.heads, blocks(layout.longestSequence, of: group.rows)],
      local: [group.rows, group.parts, 1])
  }

  /// The arguments with which both kernels begin.
  private func backwardArguments(_ operation: AttentionBackward, output: Matrix?) throws -> KernelArguments {
    var arguments = KernelArguments(self, AttentionBackward.name)
    try arguments.matrix(operation.query)
    try arguments.matrix(operation.key)
    try arguments.matrix(operation.value)
    if let output { try arguments.matrix(output) }
    try arguments.matrix(operation.logSumExp)
    try arguments.matrix(operation.outputGradient)
    return arguments
  }
}

/// The work-group of an attention kernel.
private struct AttentionGroup {
  var file: KernelSources
  var fixed: KernelValues
  /// The number of queries or keys.
  var rows: Int
  /// The number of work-items that share one of them.
  var parts: Int

  init(_ device: OpenCLDevice, _ file: KernelSources, headWidth: Int) throws {
    self.file = file
    fixed = ["HEAD_WIDTH": headWidth]
    let values = try device.values(file, fixed)
    rows = values["ROWS"]
    parts = values["PARTS"]
  }

  func kernel(_ device: OpenCLDevice, _ name: String) throws -> OpenCLKernel {
    try device.kernel(file, name, fixed)
  }
}
