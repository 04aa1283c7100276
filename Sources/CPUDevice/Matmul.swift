import CPUKernelTable
import Compute

private let panelWidth = CPUKernelTable.panelWidth
/// Rows summed at a time into a weight's gradient: two packed panels of so many stay in a core's cache.
private let depthLimit = 512

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
    // All output gradients are packed first, for every task reads them all. A task then packs some columns of
    // the input, a run of rows at a time, and sums them into as many rows of the weight's gradient.
    let blockWidth = 2 * CPUKernelTable.vectorWidth
    let panels = try packRows(outputGradient, operation.rows, in: name)
    let blocks = (weight.rows + blockWidth - 1) / blockWidth
    let scratch = reserveScratch(depthLimit * panelWidth)
    pool.run(models.count * blocks) { task, worker in
      let (model, firstColumn) = (task / blocks, task % blocks * blockWidth)
      let group = models[model]
      let outputRows = min(blockWidth, weight.rows - firstColumn)
      var first = 0
      while first < group.count {
        let depth = min(depthLimit, group.count - first)
        kernels.packPanel(
          PanelSource(
            source: x + (group.firstRow + first) * input.stride + firstColumn, depth: depth,
            columns: outputRows, depthStride: input.stride, columnStride: 1), scratch[worker])
        for panel in 0..<panels.count {
          let column = panel * panelWidth
          let output = dw + group.model * weight.modelStride + firstColumn * weight.stride + column
          var product = PanelProduct(
            a: scratch[worker], aRowStride: 1, aDepthStride: panelWidth,
            panel: panels.memory + panels.first(row: first, panel: panel, of: model), rows: outputRows,
            depth: depth, columns: min(panelWidth, weight.columns - column), output: output,
            outputStride: weight.stride)
          if first > 0 {
            product.residual = UnsafePointer(output)
            product.residualStride = weight.stride
          }
          kernels.multiplyPanel(product)
        }
        first += depth
      }
    }
    guard let bias else { return }
    pool.run(models.count * panels.count) { task, _ in
      let (group, column) = (models[task / panels.count], task % panels.count * panelWidth)
      kernels.columnSums(
        ColumnSums(
          input: dy + group.firstRow * outputGradient.stride + column, inputStride: outputGradient.stride,
          rows: group.count, columns: min(panelWidth, weight.columns - column),
          output: bias + group.model * biasStride + column))
    }
  }

  /// The rows of a matrix as panels of columns: [model, panel, row, 32].
  private func packRows(_ matrix: Matrix, _ rows: RowGroups, in name: String) throws -> RowPanels {
    let base = try floats(matrix, in: name)
    let count = (matrix.columns + panelWidth - 1) / panelWidth
    var starts: [Int] = []
    var total = 0
    for group in rows.models {
      starts.append(total)
      total += group.count * count * panelWidth
    }
    let packed = sharedScratch.reserve(total)
    let panels = RowPanels(memory: packed, count: count, starts: starts, rows: rows.models.map(\.count))
    pool.run(rows.models.count * count) { task, _ in
      let (model, panel) = (task / count, task % count)
      let group = rows.models[model]
      kernels.packPanel(
        PanelSource(
          source: base + group.firstRow * matrix.stride + panel * panelWidth, depth: group.count,
          columns: min(panelWidth, matrix.columns - panel * panelWidth), depthStride: matrix.stride,
          columnStride: 1), packed + panels.first(row: 0, panel: panel, of: model))
    }
    return panels
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

/// Packed rows of every model.
private struct RowPanels {
  var memory: UnsafeMutablePointer<Float>
  /// Panels a model.
  var count: Int
  /// By model.
  var starts: [Int]
  var rows: [Int]

  func first(row: Int, panel: Int, of model: Int) -> Int {
    starts[model] + (panel * rows[model] + row) * panelWidth
  }
}
