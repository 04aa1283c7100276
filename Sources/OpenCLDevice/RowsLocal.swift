import Compute
import Kernels

/// How the kernels that work row by row, or that sum over rows, are launched on GPUs: layer_norm_local.cl,
/// cross_entropy_local.cl, column_means_local.cl.
extension OpenCLDevice {
  /// Tiles of the rows that one work-item, or one work-group of `file`, processes.
  func rowTiles(_ rows: RowGroups, _ file: KernelSources) throws -> DeviceList {
    try tiles(rows, height: family == .local ? try values(file)["GROUP_ROWS"] : grain.rows)
  }

  /// Queues kernel `name` of either family over tiles of rows.
  func launchRows(
    _ file: KernelSources, _ local: KernelSources, _ name: String, _ arguments: borrowing KernelArguments,
    _ tiles: DeviceList
  ) throws {
    guard family == .local else {
      return try launch(kernel(file, name), arguments, global: Grid(tiles.count))
    }
    let built = try built(local)
    try launch(built.kernel(name), arguments, groups: Grid(tiles.count, 1), local: built.workGroup)
  }

  /// Two launches: first the chunks of all groups, then their means.
  func localColumnMeans(_ operation: ColumnMeans) throws {
    let file = KernelSources.columnMeansLocal
    let width = operation.input.columns
    let chunks = try chunks(operation.rows, of: .groups, height: try values(file)["SPLIT_ROWS"])
    let partials = try scratch(count: chunks.list.count * 2 * width)
    var arguments = KernelArguments(self, ColumnMeans.name)
    try arguments.matrix(operation.input)
    try arguments.buffer(partials)
    try arguments.list(chunks.list)
    try arguments.int(width)
    try launch(kernel(file, ColumnMeans.name), arguments, global: Grid(width, chunks.list.count))

    var means = KernelArguments(self, ColumnMeans.name)
    try means.buffer(partials)
    try means.matrix(operation.output)
    try means.list(chunks.groups)
    try means.int(width)
    try launch(kernel(file, "column_means_sum"), means, global: Grid(width, chunks.spans.count))
  }
}
