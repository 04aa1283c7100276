import Compute
import Kernels

/// Matrix products on GPUs: launches Kernels/matmul_local.cl, Kernels/matmul_input_gradient_local.cl and
/// Kernels/matmul_weight_gradient_local.cl.
extension OpenCLDevice {
  func localMatmul(_ operation: Matmul) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.input)
    alignment.add(operation.output)
    alignment.add(operation.preActivation)
    alignment.add(operation.residual)
    alignment.add(operation.weight)
    alignment.add(operation.bias)
    let columns = operation.output.columns
    let tile = try tile(LocalTile.Form(.matmulLocal, alignment)) {
      operation.rows.tileCount(height: $0) * blocks(columns, of: $1)
    }
    let tiles = try tiles(operation.rows, height: tile.rows)
    try launch(
      tile.built.kernel(Matmul.name), arguments(operation, tiles),
      groups: Grid(tiles.count * blocks(columns, of: tile.columns)), local: tile.built.workGroup)
  }

  func localMatmulInputGradient(_ operation: MatmulInputGradient) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.outputGradient)
    alignment.add(operation.inputGradient)
    alignment.add(operation.preActivation)
    alignment.add(operation.weight)
    let columns = operation.inputGradient.columns
    let tile = try tile(LocalTile.Form(.matmulInputGradientLocal, alignment)) {
      operation.rows.tileCount(height: $0) * blocks(columns, of: $1)
    }
    let tiles = try tiles(operation.rows, height: tile.rows)
    var arguments = KernelArguments(self, MatmulInputGradient.name)
    try arguments.matrix(operation.outputGradient)
    try arguments.tensor(operation.weight)
    try arguments.matrix(operation.preActivation)
    try arguments.matrix(operation.inputGradient)
    try arguments.list(tiles)
    try arguments.int(operation.outputGradient.columns)
    try arguments.int(columns)
    try arguments.int(operation.epilogue)
    try launch(
      tile.built.kernel(MatmulInputGradient.name), arguments,
      groups: Grid(tiles.count * blocks(columns, of: tile.columns)), local: tile.built.workGroup)
  }

  /// One launch, for the chunks of all models, whose sums wait. If every model is a single chunk, or if there are so many
  /// models that a work-group may sum all chunks of one, nothing waits. Results are the same.
  func localMatmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    let (depth, columns) = (operation.input.columns, operation.outputGradient.columns)
    let file = KernelSources.matmulWeightGradientLocal
    let whole = try values(file)
    let chunks = try chunks(operation.rows, of: .models, height: whole["SPLIT_ROWS"])
    let models = try form(operation.rows).models
    let tiles = blocks(depth, of: whole["TILE_ROWS"]) * blocks(columns, of: whole["TILE_COLUMNS"])
    let isBusy = models.count * tiles >= LocalTile.groupsOfUnit * context.info.computeUnits
    if chunks.isSingleChunk || isBusy {
      return try multiply(
        operation, models, into: operation.weightGradient, operation.biasGradient, arePartial: false)
    }
    // The weight gradient of a chunk, [K, N], then its bias gradient, [N].
    let stride = (depth + (operation.biasGradient == nil ? 0 : 1)) * columns
    let parameters = [operation.weightGradient, operation.biasGradient].compactMap { $0 }
    let partials = try partials(
      count: chunks.list.count * stride, of: parameters, in: MatmulWeightGradient.name)
    try multiply(
      operation, chunks.list,
      into: Parameter(
        partials.buffer, rows: depth, columns: columns, offset: partials.offset, modelStride: stride),
      operation.biasGradient.map { _ in
        Parameter(
          partials.buffer, rows: 1, columns: columns, offset: partials.offset + depth * columns,
          modelStride: stride)
      }, arePartial: true)
    try wait(for: parameters, chunks, at: partials.offset, in: MatmulWeightGradient.name)
  }

  /// Multiplies the rows of each entry of `entries`, and stores the product in the slot that the entry names.
  private func multiply(
    _ operation: MatmulWeightGradient, _ entries: DeviceList, into weight: Parameter, _ bias: Parameter?,
    arePartial: Bool
  ) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.input)
    alignment.add(operation.outputGradient)
    alignment.add(weight)
    alignment.add(bias)
    let tile = try tile(LocalTile.Form(.matmulWeightGradientLocal, alignment)) {
      entries.count * blocks(weight.rows, of: $0) * blocks(weight.columns, of: $1)
    }
    try launch(
      tile.built.kernel(MatmulWeightGradient.name),
      arguments(operation, entries, into: weight, bias, arePartial: arePartial),
      groups: Grid(
        entries.count * blocks(weight.rows, of: tile.rows) * blocks(weight.columns, of: tile.columns)),
      local: tile.built.workGroup)
  }
}

extension RowGroups {
  /// The number of tiles of at most `height` rows, none of them with rows of two models.
  fileprivate func tileCount(height: Int) -> Int {
    models.reduce(0) { $0 + blocks($1.count, of: height) }
  }
}

/// Whether all rows start and end at a multiple of 4 floats (buffers always do), so that they consist of whole, aligned float4s.
struct FloatFourAlignment {
  private(set) var isWhole = true

  mutating func add(_ matrix: Matrix?) {
    if let matrix { add(matrix.offset | matrix.stride | matrix.columns) }
  }

  mutating func add(_ parameter: Parameter?) {
    if let parameter {
      add(
        parameter.offset | parameter.modelStride | (parameter.rows > 1 ? parameter.stride : 0)
          | parameter.columns)
    }
  }

  /// - Parameter bits: those of all distances and widths.
  private mutating func add(_ bits: Int) {
    if bits % 4 != 0 { isWhole = false }
  }
}

/// The tile of a work-group, and the kernels built for it.
struct LocalTile {
  /// The number of groups for each compute unit with which a launch keeps a device busy.
  static let groupsOfUnit = 4

  /// What decides about a tile, but for the number of groups.
  struct Form: Equatable {
    let file: KernelSources
    private let isAligned: Bool
    fileprivate var size = LocalTileSize.standard

    init(_ file: KernelSources, _ alignment: FloatFourAlignment) {
      self.file = file
      isAligned = alignment.isWhole
    }

    /// The values that follow from the operands.
    var fixed: KernelValues { ["ALIGNED": isAligned ? 1 : 0] }
  }

  let built: BuiltFile
  let rows: Int
  let columns: Int

  fileprivate init(_ device: OpenCLDevice, _ form: Form) throws {
    built = try device.built(form.file, form.fixed, preferring: form.size.values)
    rows = built.values["TILE_ROWS"]
    columns = built.values["TILE_COLUMNS"]
  }
}

extension OpenCLDevice {
  /// The largest tile that makes enough groups.
  ///
  /// - Parameter groups: the number of groups with tiles of so many rows and columns.
  fileprivate func tile(
    _ form: LocalTile.Form, groups: (_ rows: Int, _ columns: Int) -> Int
  ) throws -> LocalTile {
    let units = context.info.computeUnits
    func makes(_ least: Int, _ size: LocalTileSize) -> Bool {
      let (rows, columns) = size.shape
      return groups(rows, columns) >= least
    }
    var form = form
    if makes(LocalTile.groupsOfUnit * units, .large) {
      form.size = .large
    } else {
      form.size = makes(units, .standard) ? .standard : .small
    }
    if let tile = localTiles[form] { return tile }
    let tile = try LocalTile(self, form)
    localTiles.insert(tile, for: form)
    return tile
  }
}
