import Compute
import Kernels

/// Matrix products on GPUs: launches Kernels/matmul_local.cl, Kernels/matmul_input_gradient_local.cl and
/// Kernels/matmul_weight_gradient_local.cl.
extension OpenCLDevice {
  func localMatmul(_ operation: Matmul) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.input, operation.output, operation.preActivation, operation.residual)
    alignment.add(operation.weight, operation.bias)
    let columns = operation.output.columns
    let tile = try LocalTile(self, .matmulLocal, alignment.fixed) {
      operation.rows.blocks(of: $0) * blocks(columns, of: $1)
    }
    let tiles = try tiles(operation.rows, height: tile.rows)
    try launch(
      tile.kernel(self, Matmul.name), arguments(operation, tiles),
      groups: [tiles.count * blocks(columns, of: tile.columns)], local: [tile.items])
  }

  func localMatmulInputGradient(_ operation: MatmulInputGradient) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.outputGradient, operation.inputGradient, operation.preActivation)
    alignment.add(operation.weight)
    let columns = operation.inputGradient.columns
    let tile = try LocalTile(self, .matmulInputGradientLocal, alignment.fixed) {
      operation.rows.blocks(of: $0) * blocks(columns, of: $1)
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
      tile.kernel(self, MatmulInputGradient.name), arguments,
      groups: [tiles.count * blocks(columns, of: tile.columns)], local: [tile.items])
  }

  /// Two launches, for the chunks of all models and for their sums; one launch if every model is a single chunk,
  /// or if there are so many models that a work-group may sum all chunks of one. Results are the same.
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
        operation, models, into: operation.weightGradient, operation.biasGradient,
        ["MANY_CHUNKS": chunks.isSingleChunk ? 0 : 1])
    }
    // The weight gradient of a chunk, [K, N], then its bias gradient, [N].
    let stride = (depth + 1) * columns
    let partials = try scratch(count: chunks.list.count * stride)
    try multiply(
      operation, chunks.list,
      into: Parameter(partials, rows: depth, columns: columns, modelStride: stride),
      Parameter(partials, rows: 1, columns: columns, offset: depth * columns, modelStride: stride),
      ["MANY_CHUNKS": 0])
    var arguments = KernelArguments(self, MatmulWeightGradient.name)
    try arguments.buffer(partials)
    try arguments.tensor(operation.weightGradient)
    try arguments.vector(operation.biasGradient)
    try arguments.list(chunks.spans)
    try arguments.int(depth)
    try arguments.int(columns)
    try arguments.int(operation.epilogue)
    let kernel = try kernel(.matmulWeightGradientLocal, "matmul_weight_gradient_sum")
    try launch(kernel, arguments, global: [columns, depth + 1, chunks.spans.count])
  }

  /// Multiplies the rows of each entry of `entries`, and stores the product in the slot that the entry names.
  private func multiply(
    _ operation: MatmulWeightGradient, _ entries: DeviceList, into weight: Parameter, _ bias: Parameter?,
    _ form: KernelValues
  ) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.input, operation.outputGradient)
    alignment.add(weight, bias)
    let fixed = alignment.fixed.overridden(by: form)
    // The sums of several chunks and their totals would not fit into the registers of a large tile.
    let tile = try LocalTile(
      self, .matmulWeightGradientLocal, fixed, largest: form["MANY_CHUNKS"] == 0 ? .large : .standard
    ) { entries.count * blocks(weight.rows, of: $0) * blocks(weight.columns, of: $1) }
    try launch(
      tile.kernel(self, MatmulWeightGradient.name), arguments(operation, entries, into: weight, bias),
      groups: [
        entries.count * blocks(weight.rows, of: tile.rows) * blocks(weight.columns, of: tile.columns)
      ],
      local: [tile.items])
  }
}

extension RowGroups {
  /// The number of blocks of at most `height` rows, none of them with rows of two models.
  fileprivate func blocks(of height: Int) -> Int {
    models.reduce(0) { $0 + ($1.count + height - 1) / height }
  }
}

/// Whether all rows start at a multiple of 4 floats (buffers always do), so float4 loads are aligned.
private struct FloatFourAlignment {
  private var isWhole = true

  /// The kernel's parameter.
  var fixed: KernelValues { ["ALIGNED": isWhole ? 1 : 0] }

  mutating func add(_ matrices: Matrix?...) {
    for matrix in matrices { add(matrix.map { [$0.offset, $0.stride] }) }
  }

  mutating func add(_ parameters: Parameter?...) {
    for parameter in parameters {
      add(parameter.map { [$0.offset, $0.modelStride] + ($0.rows > 1 ? [$0.stride] : []) })
    }
  }

  private mutating func add(_ distances: [Int]?) {
    if let distances, !distances.allSatisfy({ $0 % 4 == 0 }) { isWhole = false }
  }
}

/// The tile of a work-group.
private struct LocalTile {
  /// The number of groups for each compute unit with which a launch keeps a device busy.
  static let groupsOfUnit = 4

  var file: KernelSources
  var fixed: KernelValues
  var preferred: KernelValues
  var rows: Int
  var columns: Int
  /// The number of work-items in a group.
  var items: Int

  /// Takes the largest tile that makes enough groups.
  ///
  /// - Parameters:
  ///   - largest: the largest tile that may be taken.
  ///   - groups: the number of groups with tiles of so many rows and columns.
  init(
    _ device: OpenCLDevice, _ file: KernelSources, _ fixed: KernelValues, largest: LocalTileSize = .large,
    groups: (_ rows: Int, _ columns: Int) -> Int
  ) throws {
    let units = device.context.info.computeUnits
    func makes(_ least: Int, _ size: LocalTileSize) -> Bool {
      let values = file.constraints.defaults.overridden(by: size.values)
      return groups(values["TILE_ROWS"], values["TILE_COLUMNS"]) >= least
    }
    let size: LocalTileSize =
      if largest == .large, makes(Self.groupsOfUnit * units, .large) {
        .large
      } else {
        makes(units, .standard) ? .standard : .small
      }
    self.file = file
    self.fixed = fixed
    preferred = size.values
    let values = try device.values(file, fixed, preferring: preferred)
    rows = values["TILE_ROWS"]
    columns = values["TILE_COLUMNS"]
    items = file.constraints.workGroup(values)
  }

  func kernel(_ device: OpenCLDevice, _ name: String) throws -> OpenCLKernel {
    try device.kernel(file, name, fixed, preferring: preferred)
  }
}
