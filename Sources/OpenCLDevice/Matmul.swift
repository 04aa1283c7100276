import Compute
import Kernels

/// Kernels/matmul.cl, Kernels/matmul_weight_gradient.cl and their naive twin
extension OpenCLDevice {
  /// Bits of the kernels' `epilogue`.
  private static let (hasBias, hasActivation, hasResidual) = (1, 2, 4)

  public func matmul(_ operation: Matmul) throws {
    try operation.validate()
    let columns = operation.output.columns
    let tile = MatmulTile(family, columns: columns)
    let tiles = try tiles(operation.rows, height: tile.rows)
    var epilogue = 0
    if operation.bias != nil { epilogue |= Self.hasBias }
    if operation.preActivation != nil { epilogue |= Self.hasActivation }
    if operation.residual != nil { epilogue |= Self.hasResidual }
    var arguments = KernelArguments(self, Matmul.name)
    try arguments.matrix(operation.input)
    try arguments.tensor(operation.weight)
    try arguments.vector(operation.bias)
    try arguments.matrix(operation.preActivation)
    try arguments.matrix(operation.residual)
    try arguments.matrix(operation.output)
    try arguments.list(tiles)
    try arguments.int(operation.input.columns)
    try arguments.int(columns)
    try arguments.int(epilogue)
    try launch(
      tile.kernel(self, "matmul"), arguments, global: [blocks(columns, of: tile.columns), tiles.count])
  }

  /// Two launches: every model's weight is transposed first, so that its rows are read as `matmul` reads them.
  public func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    try operation.validate()
    let name = MatmulInputGradient.name
    let (depth, columns) = (operation.outputGradient.columns, operation.inputGradient.columns)
    let tile = MatmulTile(family, columns: columns)
    let tiles = try tiles(operation.rows, height: tile.rows)
    let transposed = try scratch(count: operation.rows.modelExtent * columns * depth)
    try transpose(operation.weight, of: operation.rows, into: transposed, tile, in: name)
    var arguments = KernelArguments(self, name)
    try arguments.matrix(operation.outputGradient)
    try arguments.buffer(transposed)
    try arguments.matrix(operation.preActivation)
    try arguments.matrix(operation.inputGradient)
    try arguments.list(tiles)
    try arguments.int(depth)
    try arguments.int(columns)
    try arguments.int(operation.preActivation == nil ? 0 : Self.hasActivation)
    try launch(
      tile.kernel(self, "matmul_input_gradient"), arguments,
      global: [blocks(columns, of: tile.columns), tiles.count])
  }

  private func transpose(
    _ weight: Parameter, of rows: RowGroups, into transposed: OpenCLBuffer, _ tile: MatmulTile,
    in name: String
  ) throws {
    let models = try form(rows).models
    var arguments = KernelArguments(self, name)
    try arguments.tensor(weight)
    try arguments.buffer(transposed)
    try arguments.list(models)
    try arguments.int(weight.rows)
    try arguments.int(weight.columns)
    try launch(
      tile.kernel(self, "matmul_transpose_weight"), arguments,
      global: [
        blocks(weight.columns, of: tile.transposed), blocks(weight.rows, of: tile.transposed), models.count,
      ])
  }

  public func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try operation.validate()
    let (depth, columns) = (operation.input.columns, operation.outputGradient.columns)
    let tile = MatmulTile(family, columns: columns)
    let models = try form(operation.rows).models
    var arguments = KernelArguments(self, MatmulWeightGradient.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.outputGradient)
    try arguments.tensor(operation.weightGradient)
    try arguments.vector(operation.biasGradient)
    try arguments.list(models)
    try arguments.int(depth)
    try arguments.int(columns)
    try arguments.int(operation.biasGradient == nil ? 0 : Self.hasBias)
    try launch(
      tile.kernel(self, MatmulWeightGradient.name), arguments,
      global: [blocks(depth, of: tile.rows), blocks(columns, of: tile.columns), models.count])
  }
}

/// The tile of a product with `columns` columns: full vectors where the matrix has them.
private struct MatmulTile {
  var rows: Int
  var vectors: Int
  var narrow: Bool
  var naive: Bool

  init(_ family: KernelFamily, columns: Int) {
    naive = family.naiveMatmul
    rows = naive ? 1 : family.tileRows
    vectors = max(1, min(family.tileVectors, columns / 16))
    narrow = columns < 16
  }

  var columns: Int { naive ? 1 : 16 * vectors }
  /// Side of the squares in which weights are transposed.
  var transposed: Int { naive ? 1 : 16 }

  func kernel(_ device: OpenCLDevice, _ name: String) throws -> OpenCLKernel {
    if naive { return try device.kernel(.matmulNaive, name) }
    let file: KernelSources = name == MatmulWeightGradient.name ? .matmulWeightGradient : .matmul
    return try device.kernel(
      file, name, ["TILE_ROWS": rows, "TILE_VECTORS": vectors, "NARROW": narrow ? 1 : 0])
  }
}
