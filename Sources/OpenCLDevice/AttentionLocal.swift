import Compute
import Kernels

/// Attention on GPUs: launches Kernels/attention_local.cl and Kernels/attention_backward_local.cl.
extension OpenCLDevice {
  func localAttention(_ operation: Attention) throws {
    let form = try form(operation.layout)
    let group = try AttentionGroup(self, .attentionLocal, form, operation.values)
    let tiles = try form.tiles(self, operation.layout, height: group.rows)
    try launch(
      group.kernel(Attention.name), arguments(operation, form, tiles),
      groups: Grid(blocks(tiles.count, of: group.tiles), operation.heads, 1), local: group.local)
  }

  /// Two launches: first the queries, then the keys, which use what the first launch computed from the
  /// outputs.
  func localAttentionBackward(_ operation: AttentionBackward) throws {
    let layout = operation.layout
    let form = try form(layout)
    let group = try AttentionGroup(self, .attentionBackwardLocal, form, operation.values)
    let tiles = try form.tiles(self, layout, height: group.rows)
    // D for each query row and head.
    let dots = try scratch(count: layout.queryExtent * operation.heads)
    var queries = try backwardArguments(operation, output: operation.output)
    try queries.matrix(operation.queryGradient)
    try queries.buffer(dots)
    try queries.list(tiles)
    try queries.buffer(form.positions)
    try queries.keyRows(operation.keyRows)
    try queries.int(operation.heads)
    queries.float(operation.scale)
    var keys = try backwardArguments(operation, output: nil)
    try keys.matrix(operation.keyGradient)
    try keys.matrix(operation.valueGradient)
    try keys.buffer(dots)
    try keys.list(form.sequences)
    try keys.buffer(form.positions)
    try keys.keyRows(operation.keyRows)
    try keys.int(operation.heads)
    keys.float(operation.scale)
    // Both kernels and their arguments are checked before the first launch is queued.
    try launch(
      group.kernel("attention_backward_query"), queries,
      groups: Grid(blocks(tiles.count, of: group.tiles), operation.heads, 1), local: group.local)
    try launch(
      group.kernel("attention_backward_key"), keys,
      groups: Grid(
        blocks(form.sequences.count, of: group.tiles), operation.heads,
        blocks(layout.longestSequence, of: group.rows)),
      local: group.local)
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
  private let built: BuiltFile
  /// The number of queries or keys in a tile.
  let rows: Int
  /// The number of tiles.
  let tiles: Int
  /// The work-items: rows of a tile, the items that share a row, tiles.
  var local: Grid { built.workGroup }

  init(
    _ device: OpenCLDevice, _ file: KernelSources, _ form: AttentionLayoutForm, _ fixed: KernelValues
  ) throws {
    built = try device.built(
      file, fixed, preferring: form.isShort ? KernelConstraints.shortSequences : KernelValues())
    rows = built.values["ROWS"]
    tiles = built.values["TILES"]
  }

  func kernel(_ name: String) throws -> OpenCLKernel { try built.kernel(name) }
}
