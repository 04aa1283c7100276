import Compute

/// The number of floats of a weight that stay in a core's cache while all rows are multiplied by them: 512 KiB.
private let cachedFloats = 1 << 17
/// The number of floats of packed weights that a forward product makes at most: 64 MiB.
private let mostPackedFloats = 1 << 24
/// The least rows of a model for which a forward product packs the weight.
private let leastRows = 64
/// The most tiles of rows that are multiplied by a panel one after another.
private let mostTilesInARow = 16
/// The least number of work-groups for each compute unit, so that one that is slow holds up little.
private let groupsPerUnit = 4

/// The panels of a weight: for each tile of columns a matrix [depth, tile's columns], as a product of the register family reads it.
struct MatmulPanels {
  let tile: MatmulTile
  let depth: Int
  let columns: Int

  init(_ tile: MatmulTile, depth: Int, columns: Int) {
    (self.tile, self.depth, self.columns) = (tile, depth, columns)
  }

  var count: Int { blocks(columns, of: tile.columns) }
  /// The distance between two panels.
  var stride: Int { depth * tile.columns }
  /// The distance between the panels of two models.
  var modelStride: Int { count * stride }

  /// Whether the weight comes from a slower cache for every tile of rows.
  private var isLarge: Bool { depth * columns > cachedFloats }

  /// Whether packing the weights before a forward product takes less time than it saves, in memory that the device can give.
  ///
  /// - Parameter largestAllocation: in bytes.
  func pays(_ rows: RowGroups, largestAllocation: Int) -> Bool {
    let packed = rows.modelExtent * modelStride
    return isLarge && packed <= min(mostPackedFloats, largestAllocation / MemoryLayout<Float>.stride)
      && rows.models.allSatisfy { $0.count >= leastRows }
  }

  /// The packed weight of all models as the argument of a product.
  func weight(_ packed: OpenCLBuffer) -> Parameter {
    Parameter(packed, rows: depth, columns: tile.columns, modelStride: modelStride)
  }

  /// The tiles of rows in a work-group, whose items run one after another on a CPU, so that a panel comes once from a slower cache: a
  /// power of two, because drivers compile a kernel for every size of a group.
  func groupRows(_ rowTiles: Int, units: Int) -> Int {
    guard isLarge else { return 1 }
    let most = min(mostTilesInARow, rowTiles, rowTiles * count / (groupsPerUnit * units))
    var rows = 1
    while rows * 2 <= most { rows *= 2 }
    return rows
  }
}

extension OpenCLDevice {
  /// Packs the weights of the models.
  ///
  /// - Parameter transposed: whether the columns of a panel are rows of the weight, as they must be for the naive kernels.
  func pack(
    _ weight: Parameter, transposed: Bool, of rows: RowGroups, _ panels: MatmulPanels, in name: String
  ) throws -> OpenCLBuffer {
    let packed = try scratch(count: rows.modelExtent * panels.modelStride)
    let models = try form(rows).models
    var arguments = KernelArguments(self, name)
    try arguments.tensor(weight)
    try arguments.buffer(packed)
    try arguments.list(models)
    try arguments.int(panels.depth)
    try arguments.int(panels.columns)
    try arguments.int(transposed ? 1 : 0)
    let tile = panels.tile
    try launch(
      tile.kernel(self, "matmul_pack_weight"), arguments,
      global: Grid(blocks(panels.depth, of: tile.packedRows), panels.count, models.count))
    return packed
  }

  /// Launches a product over tiles of columns and of rows.
  func launch(
    _ kernel: OpenCLKernel, _ arguments: borrowing KernelArguments, _ panels: MatmulPanels, _ rowTiles: Int
  ) throws {
    let rows = panels.groupRows(rowTiles, units: context.info.computeUnits)
    let groups = Grid(panels.count, blocks(rowTiles, of: rows))
    guard rows > 1, rows <= min(kernel.limits.workGroup, kernel.limits.items[1]), GridPart.isWhole(groups)
    else { return try launch(kernel, arguments, global: Grid(panels.count, rowTiles)) }
    try launch(kernel, arguments, groups: groups, local: Grid(1, rows))
  }
}
