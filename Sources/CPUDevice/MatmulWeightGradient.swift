import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
/// The number of rows that are packed and multiplied at a time. The sums of such runs are added up in order, so
/// it is part of the result's bits.
private let runLength = 512
/// The largest number of panels that a task takes: 256 KiB.
private let groupLimit = 4
/// The largest stride, in floats, at which the columns of an input are read where they lie. Rows that are further
/// apart compete for few lines of the caches.
private let nearStride = 768

extension CPUDevice {
  package func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try operation.validate()
    let name = MatmulWeightGradient.name
    let gradient = WeightGradient(
      operation, input: try floats(operation.input, in: name),
      outputGradient: try floats(operation.outputGradient, in: name),
      weightGradient: try floats(operation.weightGradient, in: name),
      biasGradient: try operation.biasGradient.map { try floats($0, in: name) }, neutral: neutral)
    if operation.input.stride <= nearStride { sumPanels(gradient) } else { sumBlocks(gradient) }
  }

  /// For a narrow input: a task takes neighbouring panels of the output gradient and multiplies them by every column of the input. A panel
  /// is packed while the first columns are multiplied. If there are fewer panels than workers, a task takes only some of the columns.
  private func sumPanels(_ gradient: WeightGradient) {
    let (models, height) = (gradient.models, gradient.height)
    let groups = groups(of: gradient.panels)
    let parts = max(1, min(height, pool.threadCount / max(1, models.count * groups.count)))
    let scratch = reserveScratch(runLength * panelWidth)
    pool.run(models.count * groups.count * parts) { task, worker in
      let (model, part) = (models[task / (groups.count * parts)], task % parts)
      let panels = groups[task / parts % groups.count]
      let columns = part * height / parts..<(part + 1) * height / parts
      for rows in RunOfRows.runs(of: model) {
        let packed = scratch[worker]
        for panel in panels {
          kernels.packAndMultiplyPanel(
            gradient.outputSource(rows, panel..<panel + 1), packed,
            gradient.product(
              of: gradient.input(rows, columns), gradient.inputStride, columns, rows, packed, panel))
          if part == 0 { gradient.sumBias(kernels, rows, panel, packed) }
        }
      }
    }
  }

  /// For a wide input: a task packs neighbouring blocks of the input's columns, one run of rows at a time, and
  /// multiplies them with every panel of the output gradient. Those panels are packed beforehand, because all
  /// tasks read them.
  private func sumBlocks(_ gradient: WeightGradient) {
    let (models, height) = (gradient.models, gradient.height)
    // [model, run of rows, panel, row, 32]
    var (starts, total) = ([Int](), 0)
    for model in models {
      starts.append(total)
      total += gradient.panels * model.count * panelWidth
    }
    let packed = sharedScratch.reserve(total)
    let panelGroups = groups(of: gradient.panels)
    pool.run(models.count * panelGroups.count) { task, _ in
      let (index, panels) = (task / panelGroups.count, panelGroups[task % panelGroups.count])
      for rows in RunOfRows.runs(of: models[index]) {
        let to = packed + starts[index] + gradient.offset(rows, panels.lowerBound)
        kernels.packPanels(gradient.outputSource(rows, panels), to)
        for panel in panels {
          gradient.sumBias(
            kernels, rows, panel, to + (panel - panels.lowerBound) * rows.count * panelWidth)
        }
      }
    }
    let blockGroups = groups(of: (height + panelWidth - 1) / panelWidth)
    let scratch = reserveScratch(blockGroups.length * runLength * panelWidth)
    pool.run(models.count * blockGroups.count) { task, worker in
      let (index, blocks) = (task / blockGroups.count, blockGroups[task % blockGroups.count])
      for rows in RunOfRows.runs(of: models[index]) {
        kernels.packPanels(gradient.inputSource(rows, blocks), scratch[worker])
        for panel in 0..<gradient.panels {
          let memory = packed + starts[index] + gradient.offset(rows, panel)
          for block in blocks {
            let columns = block * panelWidth..<min((block + 1) * panelWidth, height)
            kernels.multiplyPanel(
              gradient.product(
                of: scratch[worker] + (block - blocks.lowerBound) * rows.count * panelWidth, panelWidth,
                columns, rows, memory, panel))
          }
        }
      }
    }
  }

  /// Divides panels into groups of neighbours: as many groups as there are workers, or a multiple of it if they
  /// would become too long.
  private func groups(of panels: Int) -> EqualRanges {
    var count = pool.threadCount
    while panels > count * groupLimit { count += pool.threadCount }
    return EqualRanges(panels, parts: count)
  }
}

/// Some of a model's rows, which are multiplied at a time.
private struct RunOfRows {
  let model: RowGroup
  /// The number of the model's rows before them.
  let first: Int
  let count: Int

  var firstRow: Int { model.firstRow + first }

  static func runs(of model: RowGroup) -> some Sequence<RunOfRows> {
    stride(from: 0, to: model.count, by: runLength).lazy.map { first in
      RunOfRows(model: model, first: first, count: min(runLength, model.count - first))
    }
  }
}

/// The gradient of a weight, `inputᵀ·outputGradient`, and where its operands lie. It does not hold the operation,
/// because the tasks of all threads would count references to its buffers.
private struct WeightGradient {
  let input: UnsafePointer<Float>
  let inputStride: Int
  /// The number of columns of the input.
  let height: Int
  let outputGradient: UnsafePointer<Float>
  let outputGradientStride: Int
  /// The number of columns of the output gradient.
  let width: Int
  let weightGradient: UnsafeMutablePointer<Float>
  let weightStride: Int
  let weightModelStride: Int
  let biasGradient: UnsafeMutablePointer<Float>?
  let biasModelStride: Int
  let neutral: NeutralPanels
  let models: [RowGroup]

  init(
    _ operation: MatmulWeightGradient, input: UnsafeMutablePointer<Float>,
    outputGradient: UnsafeMutablePointer<Float>, weightGradient: UnsafeMutablePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?, neutral: NeutralPanels
  ) {
    self.input = UnsafePointer(input)
    inputStride = operation.input.stride
    height = operation.weightGradient.rows
    self.outputGradient = UnsafePointer(outputGradient)
    outputGradientStride = operation.outputGradient.stride
    width = operation.outputGradient.columns
    self.weightGradient = weightGradient
    weightStride = operation.weightGradient.stride
    weightModelStride = operation.weightGradient.modelStride
    self.biasGradient = biasGradient
    biasModelStride = operation.biasGradient?.modelStride ?? 0
    self.neutral = neutral
    models = operation.rows.models
  }

  /// The number of panels of the output gradient.
  var panels: Int { (width + panelWidth - 1) / panelWidth }

  func columns(_ panel: Int) -> Int { min(panelWidth, width - panel * panelWidth) }

  /// Where a panel of a run begins among the packed panels of its model.
  func offset(_ rows: RunOfRows, _ panel: Int) -> Int {
    (rows.first * panels + panel * rows.count) * panelWidth
  }

  func input(_ rows: RunOfRows, _ columns: Range<Int>) -> UnsafePointer<Float> {
    input + rows.firstRow * inputStride + columns.lowerBound
  }

  /// Rows of the input, to be packed.
  func inputSource(_ rows: RunOfRows, _ blocks: Range<Int>) -> PanelSource {
    source(input, inputStride, height, rows, blocks)
  }

  /// Rows of the output gradient, to be packed.
  func outputSource(_ rows: RunOfRows, _ panels: Range<Int>) -> PanelSource {
    source(outputGradient, outputGradientStride, width, rows, panels)
  }

  private func source(
    _ matrix: UnsafePointer<Float>, _ stride: Int, _ columns: Int, _ rows: RunOfRows, _ panels: Range<Int>
  ) -> PanelSource {
    let first = panels.lowerBound * panelWidth
    return PanelSource(
      source: matrix + rows.firstRow * stride + first, depth: rows.count,
      columns: min(panels.count * panelWidth, columns - first), depthStride: stride, columnStride: 1)
  }

  /// The product of a run of rows, which is added to the sum over the rows before it: columns of the input,
  /// transposed, times a packed panel of the output gradient.
  ///
  /// - Parameters:
  ///   - a: the first of the rows at the first of the columns.
  ///   - memory: the packed panel of the same rows.
  func product(
    of a: UnsafePointer<Float>, _ stride: Int, _ columns: Range<Int>, _ rows: RunOfRows,
    _ memory: UnsafePointer<Float>, _ panel: Int
  ) -> PanelProduct {
    let output =
      weightGradient + rows.model.model * weightModelStride + columns.lowerBound * weightStride
      + panel * panelWidth
    var product = PanelProduct(
      a: a, aRowStride: 1, aDepthStride: stride, panel: memory, rows: columns.count, depth: rows.count,
      columns: self.columns(panel), output: output, outputStride: weightStride, neutral: neutral)
    if rows.first > 0 {
      (product.residual, product.residualStride) = (UnsafePointer(output), weightStride)
    }
    return product
  }

  /// Adds a run of rows to the gradient of the bias, if the operation has one.
  func sumBias(
    _ kernels: any CPUKernels.Type, _ rows: RunOfRows, _ panel: Int, _ packed: UnsafePointer<Float>
  ) {
    guard let biasGradient else { return }
    kernels.columnSums(
      ColumnSums(
        input: packed, inputStride: panelWidth, rows: rows.count, columns: columns(panel),
        output: biasGradient + rows.model.model * biasModelStride + panel * panelWidth,
        continues: rows.first > 0))
  }
}
