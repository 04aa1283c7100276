import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
/// The number of floats of packed panels that fit into a core's second-level cache next to the rows: 256 KiB
/// of 512 KiB.
private let cachedFloats = 1 << 16
/// The number of floats of rows that are multiplied by the panels of a task: 768 KiB. They are meant for the second-level cache of
/// a large core (1 to 2 MiB); a smaller one reads them from the third level.
private let cachedRowFloats = 3 << 16
/// The least number of tasks for each thread, so that one that is slow holds up little.
private let tasksPerThread = 8
/// The greatest depth that is multiplied at once. A deeper product takes one block of its depth after another, so that a task has more
/// rows, of which a block stays in a core's second-level cache. The sums go on in memory, in the same order.
private let greatestDepth = 768
/// The greatest number of rows of weights that a task packs.
private let packedRows = 16
/// The number of floats of packed panels that a product makes at a time: 16 MiB.
private let packedFloats = 1 << 22

extension CPUDevice {
  package func matmul(_ operation: Matmul) throws {
    try operation.validate()
    let weight = operation.weight
    guard let columnBlocks = columnBlocks(depth: weight.rows, width: weight.columns, operation.rows) else {
      return try multiply(operation, keepsPanels: true)
    }
    for columns in columnBlocks {
      var part = operation
      part.weight = weight.columns(columns)
      part.bias = operation.bias?.columns(columns)
      part.output = operation.output.columns(columns)
      part.preActivation = operation.preActivation?.columns(columns)
      part.residual = operation.residual?.columns(columns)
      try multiply(part, keepsPanels: false)
    }
  }

  private func multiply(_ operation: Matmul, keepsPanels: Bool) throws {
    let name = Matmul.name
    let (input, output, weight) = (operation.input, operation.output, operation.weight)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let bias = try operation.bias.map { try constants($0, in: name) }
    let pre = try operation.preActivation.map { try floats($0, in: name) }
    let residual = try operation.residual.map { try floats($0, in: name) }
    let panels = try packPanels(weight, transposed: false, operation.rows, keeps: keepsPanels, in: name)
    var product = TiledProduct(
      PanelProduct(
        a: x, aRowStride: input.stride, aDepthStride: 1, panel: panels.memory, rows: 0, depth: input.columns,
        columns: 0, output: y, outputStride: output.stride, neutral: neutral))
    if let bias, let modelStride = operation.bias?.modelStride {
      product.first.bias = bias
      product.biasModelStride = modelStride
    }
    product.first.appliesGELU = operation.activation == .gelu
    if let pre, let stride = operation.preActivation?.stride {
      (product.first.preActivation, product.first.preActivationStride) = (pre, stride)
    }
    if let residual, let stride = operation.residual?.stride {
      (product.first.residual, product.first.residualStride) = (UnsafePointer(residual), stride)
    }
    multiply(product, operation.rows, panels)
  }

  package func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    try operation.validate()
    let weight = operation.weight
    guard let columnBlocks = columnBlocks(depth: weight.columns, width: weight.rows, operation.rows) else {
      return try multiply(operation, keepsPanels: true)
    }
    for columns in columnBlocks {
      var part = operation
      part.weight = weight.rows(columns)
      part.inputGradient = operation.inputGradient.columns(columns)
      part.preActivation = operation.preActivation?.columns(columns)
      try multiply(part, keepsPanels: false)
    }
  }

  private func multiply(_ operation: MatmulInputGradient, keepsPanels: Bool) throws {
    let name = MatmulInputGradient.name
    let (outputGradient, inputGradient) = (operation.outputGradient, operation.inputGradient)
    let dy = try floats(outputGradient, in: name)
    let dx = try floats(inputGradient, in: name)
    let pre = try operation.preActivation.map { try floats($0, in: name) }
    let panels = try packPanels(
      operation.weight, transposed: true, operation.rows, keeps: keepsPanels, in: name)
    var product = TiledProduct(
      PanelProduct(
        a: dy, aRowStride: outputGradient.stride, aDepthStride: 1, panel: panels.memory, rows: 0,
        depth: outputGradient.columns, columns: 0, output: dx, outputStride: inputGradient.stride,
        neutral: neutral))
    if let pre, let stride = operation.preActivation?.stride {
      (product.first.geluInput, product.first.geluInputStride) = (UnsafePointer(pre), stride)
    }
    multiply(product, operation.rows, panels)
  }

  /// The columns of a product's output that are computed one block after another, so that large weights, such as those of
  /// a vocabulary, are not in memory a second time; nil if they are computed at once. No sum depends on it. Every thread has
  /// a few panels in a block.
  private func columnBlocks(depth: Int, width: Int, _ rows: RowGroups) -> [Range<Int>]? {
    let panel = max(rows.models.count, 1) * depth * panelWidth
    let columns = max(4 * pool.threadCount, packedFloats / panel) * panelWidth
    guard columns < width else { return nil }
    return stride(from: 0, to: width, by: columns).map { $0..<min($0 + columns, width) }
  }

  /// The weights of the models that have rows, as panels: [model, panel, depth, 32].
  ///
  /// - Parameter keeps: whether the panels may be kept for the next product with these weights.
  private func packPanels(
    _ weight: Parameter, transposed: Bool, _ rows: RowGroups, keeps: Bool, in name: String
  ) throws -> PackedPanels {
    let buffer = try own(weight.buffer, in: name)
    let base = buffer.constants + weight.offset
    let (depth, width) = transposed ? (weight.columns, weight.rows) : (weight.rows, weight.columns)
    let count = (width + panelWidth - 1) / panelWidth
    let models = rows.models
    let key = KeptPanels.Key(
      offset: weight.offset, rows: weight.rows, columns: weight.columns, stride: weight.stride,
      modelStride: weight.modelStride, models: models.map(\.model), transposed: transposed)
    let size = models.count * count * depth * panelWidth
    let kept = keeps ? buffer.panels.memory(key, count: size) : nil
    let scratch = kept?.panels ?? sharedScratch
    let packed = scratch.reserve(size)
    let panels = PackedPanels(scratch: scratch, memory: packed, depth: depth, width: width, count: count)
    if kept?.isPacked == true { return panels }
    // A task reads neighbouring memory: whole rows of the weights, which are parts of panels, or of their transpose.
    let rows = max(1, min(packedRows, models.count * depth / (2 * pool.threadCount)))
    let pieces = transposed ? EqualRanges(width, length: panelWidth) : EqualRanges(depth, length: rows)
    let pieceCount = pieces.count
    pool.run(models.count * pieceCount) { task, _ in
      let (model, piece) = (task / pieceCount, pieces[task % pieceCount])
      let source = base + models[model].model * weight.modelStride + piece.lowerBound * weight.stride
      let target = packed + model * count * depth * panelWidth
      let first = piece.lowerBound * (transposed ? depth : panelWidth)
      kernels.packPanels(
        PanelSource(
          source: source, depth: transposed ? depth : piece.count, columns: transposed ? piece.count : width,
          depthStride: transposed ? 1 : weight.stride, columnStride: transposed ? weight.stride : 1,
          panelStride: depth * panelWidth), target + first)
    }
    return panels
  }

  /// Multiplies every run of rows by every panel of its model's weights.
  ///
  /// A task is a few rows and as many panels as stay in a core's cache. One core reads and writes
  /// neighbouring columns of a row one after another, so the epilogue's operands stream through memory.
  private func multiply(_ product: TiledProduct, _ rows: RowGroups, _ panels: PackedPanels) {
    let (count, depth, width) = (panels.count, panels.depth, panels.width)
    let blocks = EqualRanges(depth, parts: (depth + greatestDepth - 1) / greatestDepth)
    let groups = EqualRanges(count, length: max(1, cachedFloats / (blocks.length * panelWidth)))
    let (blockCount, groupCount) = (blocks.count, groups.count)
    let runs = runs(rows, depth: blocks.length, groups: groupCount)
    let hasBlocks = blockCount > 1
    let sumsCount = hasBlocks ? ((runs.map(\.count).max() ?? 0) + KernelSizes.mostTileRows) * panelWidth : 0
    let sums = hasBlocks ? reserveScratch(min(groups.length, count) * sumsCount) : []
    withExtendedLifetime(panels.scratch) {
      runs.withUnsafeBufferPointer { runs in
        pool.run(runs.count * groupCount) { task, worker in
          let (run, group) = (runs[task / groupCount], groups[task % groupCount])
          for block in 0..<blockCount {
            for panel in group {
              let column = panel * panelWidth
              var part = product.part(
                run, panel: (run.modelIndex * count + panel) * depth * panelWidth,
                column..<min(column + panelWidth, width))
              if hasBlocks {
                part.restrict(
                  toDepth: blocks[block], partialSums: sums[worker] + (panel - group.lowerBound) * sumsCount,
                  neutral)
              }
              kernels.multiplyPanel(part)
            }
          }
        }
      }
    }
  }
}

extension CPUDevice {
  /// The rows of each task. Where the panels of a product are more than a core's cache holds, every run of rows reads all of them
  /// from a slower cache, so runs are longer there.
  private func runs(_ rows: RowGroups, depth: Int, groups: Int) -> [RowTask] {
    let runs = tasks(rows)
    guard groups > 1 else { return runs }
    let longest = cachedRowFloats / (depth * RowTask.length)
    let length = min(longest, runs.count * groups / (tasksPerThread * pool.threadCount))
    return length > 1 ? RowTask.cut(rows, length: length * RowTask.length) : runs
  }
}

/// The product of all rows with all panels. It holds no object, because the tasks of all threads would count
/// references to it.
private struct TiledProduct {
  /// The product with every pointer at the first row, the first column and the first panel.
  var first: PanelProduct
  /// The distance between the biases of two models; nil if there is no bias.
  var biasModelStride: Int?

  init(_ first: PanelProduct) { self.first = first }

  /// A run of rows times one panel.
  ///
  /// - Parameters:
  ///   - panel: where the panel begins, in floats.
  ///   - columns: the columns of the output.
  @inline(__always)
  func part(_ run: RowTask, panel: Int, _ columns: Range<Int>) -> PanelProduct {
    var part = first
    let (row, column) = (run.firstRow, columns.lowerBound)
    part.rows = run.count
    part.columns = columns.count
    part.panel += panel
    part.a += row * part.aRowStride
    part.output += row * part.outputStride + column
    if let biasModelStride { part.bias += run.model * biasModelStride + column }
    if part.residualStride > 0 { part.residual += row * part.residualStride + column }
    if let pre = part.preActivation { part.preActivation = pre + row * part.preActivationStride + column }
    if let input = part.geluInput { part.geluInput = input + row * part.geluInputStride + column }
    return part
  }
}

extension PanelProduct {
  /// Takes a block of the depth: the sums go on from those of the blocks before, and the epilogue follows the last block.
  ///
  /// - Parameter partialSums: [rows of whole tiles, panelWidth]; those beyond the product's hold arbitrary values.
  fileprivate mutating func restrict(
    toDepth block: Range<Int>, partialSums: UnsafeMutablePointer<Float>, _ neutral: NeutralPanels
  ) {
    let isLast = block.upperBound == depth
    a += block.lowerBound * aDepthStride
    panel += block.lowerBound * panelWidth
    depth = block.count
    if !isLast {
      self = PanelProduct(
        a: a, aRowStride: aRowStride, aDepthStride: aDepthStride, panel: panel, rows: rows, depth: depth,
        columns: columns, output: partialSums, outputStride: panelWidth, neutral: neutral)
    }
    if block.lowerBound > 0 { (sums, sumsStride) = (UnsafePointer(partialSums), panelWidth) }
  }
}

/// The packed panels of the weights of all models that have rows.
private struct PackedPanels {
  /// Keeps the memory alive.
  var scratch: Scratch
  var memory: UnsafeMutablePointer<Float>
  var depth: Int
  var width: Int
  /// The number of panels of a model.
  var count: Int
}
