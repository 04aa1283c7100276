import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
/// The number of rows summed at a time: their packed panels stay in a core's cache.
private let depthLimit = 512
/// The largest stride, in floats, for which the columns of an input are read in place. Rows that are further
/// apart compete for few lines of the first-level cache.
private let nearStride = 256

extension CPUDevice {
  package func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try operation.validate()
    let name = MatmulWeightGradient.name
    let gradient = WeightGradient(
      operation: operation, input: try floats(operation.input, in: name),
      outputGradient: try floats(operation.outputGradient, in: name),
      weightGradient: try floats(operation.weightGradient, in: name),
      biasGradient: try operation.biasGradient.map { try floats($0, in: name) }, negativeZeros: negativeZeros)
    if operation.input.stride <= nearStride { sumPanels(gradient) } else { sumBlocks(gradient) }
  }

  /// For a narrow input: a task takes one panel of the output gradient, packs its rows as they are needed,
  /// and multiplies them with every column of the input. If there are fewer panels than workers, it takes
  /// only some of the columns.
  private func sumPanels(_ gradient: WeightGradient) {
    let (models, panels, height) = (gradient.models, gradient.panels, gradient.operation.weightGradient.rows)
    let parts = max(1, min(height, pool.threadCount / max(1, models.count * panels)))
    let scratch = reserveScratch(depthLimit * panelWidth)
    pool.run(models.count * panels * parts) { task, worker in
      let (model, panel, part) = (models[task / (panels * parts)], task / parts % panels, task % parts)
      let columns = part * height / parts..<(part + 1) * height / parts
      if part == 0 {
        gradient.sumBias(
          kernels, model, panel, gradient.outputGradient(model.firstRow, panel), gradient.outputGradientStride
        )
      }
      var first = 0
      while first < model.count {
        let depth = min(depthLimit, model.count - first)
        kernels.packPanel(gradient.source(model.firstRow + first, depth, panel), scratch[worker])
        kernels.multiplyPanel(
          gradient.product(
            of: gradient.input(model.firstRow + first, columns), gradient.inputStride, columns, model,
            scratch[worker], panel, first, depth))
        first += depth
      }
    }
  }

  /// For a wide input: a task packs a block of the input's columns, one run of rows at a time, and multiplies
  /// it with every panel of the output gradient. Those panels are packed beforehand, because all tasks read
  /// them.
  private func sumBlocks(_ gradient: WeightGradient) {
    let (models, panels, height) = (gradient.models, gradient.panels, gradient.operation.weightGradient.rows)
    // [model, panel, row, 32]
    var (starts, total) = ([Int](), 0)
    for model in models {
      starts.append(total)
      total += panels * model.count * panelWidth
    }
    let packed = sharedScratch.reserve(total)
    pool.run(models.count * panels) { task, _ in
      let (index, panel) = (task / panels, task % panels)
      let model = models[index]
      let to = packed + starts[index] + panel * model.count * panelWidth
      kernels.packPanel(gradient.source(model.firstRow, model.count, panel), to)
      gradient.sumBias(kernels, model, panel, to, panelWidth)
    }
    let blocks = (height + panelWidth - 1) / panelWidth
    let scratch = reserveScratch(depthLimit * panelWidth)
    pool.run(models.count * blocks) { task, worker in
      let (index, column) = (task / blocks, task % blocks * panelWidth)
      let (model, columns) = (models[index], column..<min(column + panelWidth, height))
      var first = 0
      while first < model.count {
        let depth = min(depthLimit, model.count - first)
        kernels.packPanel(
          PanelSource(
            source: gradient.input(model.firstRow + first, columns), depth: depth, columns: columns.count,
            depthStride: gradient.inputStride, columnStride: 1), scratch[worker])
        for panel in 0..<panels {
          kernels.multiplyPanel(
            gradient.product(
              of: scratch[worker], panelWidth, columns, model,
              packed + starts[index] + (panel * model.count + first) * panelWidth, panel, first, depth))
        }
        first += depth
      }
    }
  }
}

/// The gradient of a weight, `inputᵀ·outputGradient`, and where its operands lie.
private struct WeightGradient {
  let operation: MatmulWeightGradient
  let input: UnsafeMutablePointer<Float>
  let outputGradient: UnsafeMutablePointer<Float>
  let weightGradient: UnsafeMutablePointer<Float>
  let biasGradient: UnsafeMutablePointer<Float>?
  let negativeZeros: UnsafePointer<Float>

  var models: [RowGroup] { operation.rows.models }
  /// The number of panels of the output gradient.
  var panels: Int { (operation.outputGradient.columns + panelWidth - 1) / panelWidth }
  var inputStride: Int { operation.input.stride }
  var outputGradientStride: Int { operation.outputGradient.stride }

  func input(_ row: Int, _ columns: Range<Int>) -> UnsafePointer<Float> {
    UnsafePointer(input + row * inputStride + columns.lowerBound)
  }

  func outputGradient(_ row: Int, _ panel: Int) -> UnsafePointer<Float> {
    UnsafePointer(outputGradient + row * outputGradientStride + panel * panelWidth)
  }

  func width(_ panel: Int) -> Int { min(panelWidth, operation.outputGradient.columns - panel * panelWidth) }

  /// Rows of the output gradient, to be packed.
  func source(_ row: Int, _ depth: Int, _ panel: Int) -> PanelSource {
    PanelSource(
      source: outputGradient(row, panel), depth: depth, columns: width(panel),
      depthStride: outputGradientStride,
      columnStride: 1)
  }

  /// The product of some of a model's rows, which is added to the sum over the rows before them: columns of
  /// the input, transposed, times a packed panel of the output gradient.
  ///
  /// - Parameters:
  ///   - a: the first of the rows at the first of the columns.
  ///   - memory: the packed panel of the same rows.
  ///   - first: the number of the model's rows before them.
  ///   - depth: the number of rows.
  func product(
    of a: UnsafePointer<Float>, _ stride: Int, _ columns: Range<Int>, _ model: RowGroup,
    _ memory: UnsafePointer<Float>, _ panel: Int, _ first: Int, _ depth: Int
  ) -> PanelProduct {
    let weight = operation.weightGradient
    let output =
      weightGradient + model.model * weight.modelStride + columns.lowerBound * weight.stride
      + panel * panelWidth
    var product = PanelProduct(
      a: a, aRowStride: 1, aDepthStride: stride, panel: memory, rows: columns.count, depth: depth,
      columns: width(panel), output: output, outputStride: weight.stride, negativeZeros: negativeZeros)
    if first > 0 { (product.residual, product.residualStride) = (UnsafePointer(output), weight.stride) }
    return product
  }

  /// Computes the gradient of the bias, if the operation has one: the sums of a panel's columns over a
  /// model's rows.
  func sumBias(
    _ kernels: any CPUKernels.Type, _ model: RowGroup, _ panel: Int, _ rows: UnsafePointer<Float>,
    _ stride: Int
  ) {
    guard let biasGradient, let bias = operation.biasGradient else { return }
    kernels.columnSums(
      ColumnSums(
        input: rows, inputStride: stride, rows: model.count, columns: width(panel),
        output: biasGradient + model.model * bias.modelStride + panel * panelWidth))
  }
}
