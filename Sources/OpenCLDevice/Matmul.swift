import Compute
import Kernels

/// Matrix products on both families of kernels: launches Kernels/matmul.cl, Kernels/matmul_weight_gradient.cl
/// and their naive counterparts.
extension OpenCLDevice {
  /// A large weight of many rows is packed first, in a launch of its own, but not for the naive kernels.
  package func matmul(_ operation: Matmul) throws {
    try operation.validate()
    if family == .local, !naiveMatmul { return try localMatmul(operation) }
    let (depth, columns) = (operation.input.columns, operation.output.columns)
    let tile = try MatmulTile(self, .matmul, columns: columns)
    let tiles = try tiles(operation.rows, height: tile.rows)
    let panels = MatmulPanels(tile, depth: depth, columns: columns)
    let packs =
      !naiveMatmul
      && panels.pays(operation.rows, largestAllocation: context.info.largestAllocation)
    var operation = operation
    if packs {
      operation.weight = panels.weight(
        try pack(operation.weight, transposed: false, of: operation.rows, panels, in: Matmul.name))
    }
    var arguments = try arguments(operation, tiles)
    if !naiveMatmul { try arguments.int(packs ? panels.stride : 0) }
    try launch(tile.kernel(self, Matmul.name), arguments, panels, tiles.count)
  }

  /// Two launches: the weight of every model is transposed first, so that it can be read as in `matmul`.
  package func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    try operation.validate()
    if family == .local, !naiveMatmul { return try localMatmulInputGradient(operation) }
    let name = MatmulInputGradient.name
    let (depth, columns) = (operation.outputGradient.columns, operation.inputGradient.columns)
    let tile = try MatmulTile(self, .matmul, columns: columns)
    let tiles = try tiles(operation.rows, height: tile.rows)
    let panels = MatmulPanels(tile, depth: depth, columns: columns)
    let packed = try pack(operation.weight, transposed: true, of: operation.rows, panels, in: name)
    var arguments = KernelArguments(self, name)
    try arguments.matrix(operation.outputGradient)
    try arguments.buffer(packed)
    try arguments.matrix(operation.preActivation)
    try arguments.matrix(operation.inputGradient)
    try arguments.list(tiles)
    try arguments.int(depth)
    try arguments.int(columns)
    try arguments.int(operation.epilogue)
    try launch(tile.kernel(self, name), arguments, panels, tiles.count)
  }

  package func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try operation.validate()
    if family == .local, !naiveMatmul { return try localMatmulWeightGradient(operation) }
    let (depth, columns) = (operation.input.columns, operation.outputGradient.columns)
    let tile = try MatmulTile(self, .matmulWeightGradient, columns: columns)
    let models = try form(operation.rows).models
    try launch(
      tile.kernel(self, MatmulWeightGradient.name),
      arguments(operation, models, into: operation.weightGradient, operation.biasGradient),
      global: Grid(
        blocks(depth, of: tile.rows * tile.inARow), blocks(columns, of: tile.columns), models.count))
  }
}

/// The arguments of the matmul kernels of both families, in the order of their parameters.
extension OpenCLDevice {
  func arguments(_ operation: Matmul, _ tiles: DeviceList) throws -> KernelArguments {
    var arguments = KernelArguments(self, Matmul.name)
    try arguments.matrix(operation.input)
    try arguments.tensor(operation.weight)
    try arguments.vector(operation.bias)
    try arguments.matrix(operation.preActivation)
    try arguments.matrix(operation.residual)
    try arguments.matrix(operation.output)
    try arguments.list(tiles)
    try arguments.int(operation.input.columns)
    try arguments.int(operation.output.columns)
    try arguments.int(operation.epilogue)
    return arguments
  }

  /// - Parameters:
  ///   - entries: the rows of models, or chunks of them.
  ///   - weight: where the products are stored: the weight gradient itself, or partial sums of it.
  ///   - bias: likewise.
  func arguments(
    _ operation: MatmulWeightGradient, _ entries: DeviceList, into weight: Parameter, _ bias: Parameter?,
    arePartial: Bool = false
  ) throws -> KernelArguments {
    var arguments = KernelArguments(self, MatmulWeightGradient.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.outputGradient)
    if arePartial {
      try arguments.partial(tensor: weight, of: operation.weightGradient)
      try arguments.partial(vector: bias, of: operation.biasGradient)
    } else {
      try arguments.overwritten(tensor: weight)
      try arguments.overwritten(vector: bias)
    }
    try arguments.list(entries)
    try arguments.int(weight.rows)
    try arguments.int(weight.columns)
    try arguments.int(operation.epilogue)
    return arguments
  }
}

/// The bits of the kernel argument `epilogue`.
private let (hasBias, hasGELU, hasResidual, keepsPreActivation) = (1, 2, 4, 8)

extension Matmul {
  var epilogue: Int {
    (bias == nil ? 0 : hasBias) | (activation == .gelu ? hasGELU : 0)
      | (residual == nil ? 0 : hasResidual) | (preActivation == nil ? 0 : keepsPreActivation)
  }
}

extension MatmulInputGradient {
  var epilogue: Int { preActivation == nil ? 0 : hasGELU }
}

extension MatmulWeightGradient {
  var epilogue: Int { biasGradient == nil ? 0 : hasBias }
}

/// The register tile of a product with `columns` columns: full vectors if the matrix is wide enough.
struct MatmulTile {
  var file: KernelSources
  var rows: Int
  var vectors: Int
  var narrow: Bool
  /// The number of tiles that a work-item of the weight gradient computes.
  var inARow: Int

  init(_ device: OpenCLDevice, _ file: KernelSources, columns: Int) throws {
    let values = try device.values(file)
    self.file = device.naiveMatmul ? .matmulNaive : file
    rows = device.naiveMatmul ? 1 : values["TILE_ROWS"]
    vectors = max(1, min(values["TILE_VECTORS"], columns / 16))
    narrow = columns < 16
    inARow = file == .matmulWeightGradient && !device.naiveMatmul ? values["TILES"] : 1
  }

  private var isNaive: Bool { file == .matmulNaive }
  var columns: Int { isNaive ? 1 : 16 * vectors }
  /// The rows of a panel that a work-item packs.
  var packedRows: Int { isNaive ? 1 : 16 }

  func kernel(_ device: OpenCLDevice, _ name: String) throws -> OpenCLKernel {
    if isNaive { return try device.kernel(file, name) }
    return try device.kernel(file, name, ["TILE_VECTORS": vectors, "NARROW": narrow ? 1 : 0])
  }
}
