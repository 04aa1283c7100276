import Compute
import Kernels

/// Matrix products on GPUs: launches Kernels/matmul_local.cl, Kernels/matmul_input_gradient_local.cl and
/// Kernels/matmul_weight_gradient_local.cl.
extension OpenCLDevice {
  func localMatmul(_ operation: Matmul) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.input, operation.output, operation.preActivation, operation.residual)
    alignment.add(operation.weight, operation.bias)
    let tile = try LocalTile(self, .matmulLocal, alignment)
    let columns = operation.output.columns
    let tiles = try tiles(operation.rows, height: tile.rows)
    try launch(
      tile.kernel(self, Matmul.name), arguments(operation, tiles),
      groups: [tiles.count, blocks(columns, of: tile.columns)], local: [tile.items, 1])
  }

  func localMatmulInputGradient(_ operation: MatmulInputGradient) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.outputGradient, operation.inputGradient, operation.preActivation)
    alignment.add(operation.weight)
    let tile = try LocalTile(self, .matmulInputGradientLocal, alignment)
    let columns = operation.inputGradient.columns
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
      groups: [tiles.count, blocks(columns, of: tile.columns)], local: [tile.items, 1])
  }

  /// Two launches, for the chunks of all models and for their sums; one launch if every model is a single
  /// chunk.
  func localMatmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    let (depth, columns) = (operation.input.columns, operation.outputGradient.columns)
    let height = try values(.matmulWeightGradientLocal)["SPLIT_ROWS"]
    let chunks = try chunks(operation.rows, of: .models, height: height)
    if chunks.isSingleChunk {
      let models = try form(operation.rows).models
      return try multiply(operation, models, into: operation.weightGradient, operation.biasGradient)
    }
    // The weight gradient of a chunk, [K, N], then its bias gradient, [N].
    let stride = (depth + 1) * columns
    let partials = try scratch(count: chunks.list.count * stride)
    try multiply(
      operation, chunks.list,
      into: Parameter(partials, rows: depth, columns: columns, modelStride: stride),
      Parameter(partials, rows: 1, columns: columns, offset: depth * columns, modelStride: stride))
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

  /// Multiplies the rows of each entry of `chunks`, and stores the product in the slot that the entry names.
  private func multiply(
    _ operation: MatmulWeightGradient, _ chunks: DeviceList, into weight: Parameter, _ bias: Parameter?
  ) throws {
    var alignment = FloatFourAlignment()
    alignment.add(operation.input, operation.outputGradient)
    alignment.add(weight, bias)
    let tile = try LocalTile(self, .matmulWeightGradientLocal, alignment)
    try launch(
      tile.kernel(self, MatmulWeightGradient.name), arguments(operation, chunks, into: weight, bias),
      groups: [chunks.count, blocks(weight.rows, of: tile.rows), blocks(weight.columns, of: tile.columns)],
      local: [tile.items, 1, 1])
  }
}

/// Whether all rows start at a multiple of 4 floats (buffers always do), so float4 loads are aligned.
private struct FloatFourAlignment {
  private(set) var isWhole = true

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
  var file: KernelSources
  var fixed: KernelValues
  var rows: Int
  var columns: Int
  /// The number of work-items in a group.
  var items: Int

  init(_ device: OpenCLDevice, _ file: KernelSources, _ alignment: FloatFourAlignment) throws {
    self.file = file
    fixed = ["ALIGNED": alignment.isWhole ? 1 : 0]
    let values = try device.values(file, fixed)
    rows = values["TILE_ROWS"]
    columns = values["TILE_COLUMNS"]
    items = file.constraints.workGroup(values)
  }

  func kernel(_ device: OpenCLDevice, _ name: String) throws -> OpenCLKernel {
    try device.kernel(file, name, fixed)
  }
}
