import CPUKernelTable
import Compute

private let panelWidth = CPUKernelTable.panelWidth

extension CPUDevice {
  public func matmul(_ operation: Matmul) throws {
    try operation.validate()
    let name = Matmul.name
    let (input, output, weight) = (operation.input, operation.output, operation.weight)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let bias = try operation.bias.map { try floats($0, in: name) }
    let pre = try operation.preActivation.map { try floats($0, in: name) }
    let residual = try operation.residual.map { try floats($0, in: name) }
    let panels = try packPanels(weight, transposed: false, operation.rows, in: name)
    forEachTile(operation.rows, panels) { run, panel, column, columns in
      var product = PanelProduct(
        a: x + run.firstRow * input.stride, aRowStride: input.stride, aDepthStride: 1, panel: panel,
        rows: run.count, depth: input.columns, columns: columns,
        output: y + run.firstRow * output.stride + column, outputStride: output.stride)
      if let bias, let modelStride = operation.bias?.modelStride {
        product.bias = UnsafePointer(bias + run.model * modelStride + column)
      }
      if let pre, let stride = operation.preActivation?.stride {
        product.preActivation = pre + run.firstRow * stride + column
        product.preActivationStride = stride
      }
      if let residual, let stride = operation.residual?.stride {
        product.residual = UnsafePointer(residual + run.firstRow * stride + column)
        product.residualStride = stride
      }
      kernels.multiplyPanel(product)
    }
  }

  public func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    try operation.validate()
    let name = MatmulInputGradient.name
    let (outputGradient, inputGradient) = (operation.outputGradient, operation.inputGradient)
    let dy = try floats(outputGradient, in: name)
    let dx = try floats(inputGradient, in: name)
    let pre = try operation.preActivation.map { try floats($0, in: name) }
    let panels = try packPanels(operation.weight, transposed: true, operation.rows, in: name)
    forEachTile(operation.rows, panels) { run, panel, column, columns in
      var product = PanelProduct(
        a: dy + run.firstRow * outputGradient.stride, aRowStride: outputGradient.stride, aDepthStride: 1,
        panel: panel, rows: run.count, depth: outputGradient.columns, columns: columns,
        output: dx + run.firstRow * inputGradient.stride + column, outputStride: inputGradient.stride)
      if let pre, let stride = operation.preActivation?.stride {
        product.geluInput = UnsafePointer(pre + run.firstRow * stride + column)
        product.geluInputStride = stride
      }
      kernels.multiplyPanel(product)
    }
  }

  public func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try operation.validate()
    let name = MatmulWeightGradient.name
    let (input, outputGradient) = (operation.input, operation.outputGradient)
    let (weight, models) = (operation.weightGradient, operation.rows.models)
    let x = try floats(input, in: name)
    let dy = try floats(outputGradient, in: name)
    let dw = try floats(weight, in: name)
    let bias = try operation.biasGradient.map { try floats($0, in: name) }
    let biasStride = operation.biasGradient?.modelStride ?? 0
    // A task packs 32 columns of the output gradient, as many rows at a time as the second-level cache
    // holds with a block of the input beside them, and sums them into 128 rows of the weight's gradient.
    let (blockRows, depthLimit) = (128, 512)
    let panels = (weight.columns + panelWidth - 1) / panelWidth
    let blocks = (weight.rows + blockRows - 1) / blockRows
    let scratch = reserveScratch(depthLimit * panelWidth)
    pool.run(models.count * panels * blocks) { task, worker in
      let group = models[task / (panels * blocks)]
      let column = task / blocks % panels * panelWidth
      let firstOutputRow = task % blocks * blockRows
      let columns = min(panelWidth, weight.columns - column)
      let output = dw + group.model * weight.modelStride + firstOutputRow * weight.stride + column
      var first = 0
      while first < group.count {
        let depth = min(depthLimit, group.count - first)
        let row = group.firstRow + first
        kernels.packPanel(
          PanelSource(
            source: dy + row * outputGradient.stride + column, depth: depth, columns: columns,
            depthStride: outputGradient.stride, columnStride: 1), scratch[worker])
        var product = PanelProduct(
          a: x + row * input.stride + firstOutputRow, aRowStride: 1, aDepthStride: input.stride,
          panel: scratch[worker], rows: min(blockRows, weight.rows - firstOutputRow), depth: depth,
          columns: columns, output: output, outputStride: weight.stride)
        if first > 0 {
          product.residual = UnsafePointer(output)
          product.residualStride = weight.stride
        }
        kernels.multiplyPanel(product)
        first += depth
      }
      if let bias, firstOutputRow == 0 {
        kernels.columnSums(
          ColumnSums(
            input: dy + group.firstRow * outputGradient.stride + column, inputStride: outputGradient.stride,
            rows: group.count, columns: columns, output: bias + group.model * biasStride + column))
      }
    }
  }

  /// The weights of the models that have rows, as panels: [model, panel, depth, 32].
  private func packPanels(
    _ weight: Parameter, transposed: Bool, _ rows: RowGroups, in name: String
  ) throws -> PackedPanels {
    let base = try floats(weight, in: name)
    let (depth, width) = transposed ? (weight.columns, weight.rows) : (weight.rows, weight.columns)
    let count = (width + panelWidth - 1) / panelWidth
    let models = rows.models
    let packed = sharedScratch.reserve(models.count * count * depth * panelWidth)
    pool.run(models.count * count) { task, _ in
      let column = task % count * panelWidth
      let source = base + models[task / count].model * weight.modelStride
      kernels.packPanel(
        PanelSource(
          source: source + column * (transposed ? weight.stride : 1), depth: depth,
          columns: min(panelWidth, width - column), depthStride: transposed ? 1 : weight.stride,
          columnStride: transposed ? weight.stride : 1), packed + task * depth * panelWidth)
    }
    return PackedPanels(memory: packed, depth: depth, width: width, count: count)
  }

  /// Cuts the rows into runs that stay in the second-level cache and gives every run × panel to `body`
  /// with its first column and its columns.
  private func forEachTile(
    _ rows: RowGroups, _ panels: PackedPanels,
    _ body: (RowGroup, UnsafePointer<Float>, Int, Int) -> Void
  ) {
    var tiles: [(run: RowGroup, model: Int)] = []
    for (index, span) in rows.models.enumerated() {
      var first = 0
      while first < span.count {
        let count = min(128, span.count - first)
        tiles.append((RowGroup(model: span.model, firstRow: span.firstRow + first, count: count), index))
        first += count
      }
    }
    pool.run(tiles.count * panels.count) { task, _ in
      let (tile, panel) = (tiles[task / panels.count], task % panels.count)
      let memory = panels.memory + (tile.model * panels.count + panel) * panels.depth * panelWidth
      body(tile.run, memory, panel * panelWidth, min(panelWidth, panels.width - panel * panelWidth))
    }
  }
}

private struct PackedPanels {
  var memory: UnsafeMutablePointer<Float>
  var depth: Int
  var width: Int
  /// Panels a model.
  var count: Int
}
