import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
/// The number of floats of packed panels that fit into a core's second-level cache next to the rows: 256 KiB
/// of 512 KiB.
private let cachedFloats = 1 << 16

extension CPUDevice {
  package func matmul(_ operation: Matmul) throws {
    try operation.validate()
    let name = Matmul.name
    let (input, output, weight) = (operation.input, operation.output, operation.weight)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let bias = try operation.bias.map { try constants($0, in: name) }
    let pre = try operation.preActivation.map { try floats($0, in: name) }
    let residual = try operation.residual.map { try floats($0, in: name) }
    let panels = try packPanels(weight, transposed: false, operation.rows, in: name)
    forEachTile(operation.rows, panels) { run, panel, column, columns in
      var product = PanelProduct(
        a: x + run.firstRow * input.stride, aRowStride: input.stride, aDepthStride: 1, panel: panel,
        rows: run.count, depth: input.columns, columns: columns,
        output: y + run.firstRow * output.stride + column, outputStride: output.stride,
        negativeZeros: negativeZeros)
      if let bias, let modelStride = operation.bias?.modelStride {
        product.bias = bias + run.model * modelStride + column
      }
      product.appliesGELU = operation.activation == .gelu
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

  package func matmulInputGradient(_ operation: MatmulInputGradient) throws {
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
        output: dx + run.firstRow * inputGradient.stride + column, outputStride: inputGradient.stride,
        negativeZeros: negativeZeros)
      if let pre, let stride = operation.preActivation?.stride {
        product.geluInput = UnsafePointer(pre + run.firstRow * stride + column)
        product.geluInputStride = stride
      }
      kernels.multiplyPanel(product)
    }
  }

  /// The weights of the models that have rows, as panels: [model, panel, depth, 32].
  private func packPanels(
    _ weight: Parameter, transposed: Bool, _ rows: RowGroups, in name: String
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
    let kept = buffer.panels.memory(key, count: size)
    let scratch = kept?.panels ?? sharedScratch
    let packed = scratch.reserve(size)
    let panels = PackedPanels(scratch: scratch, memory: packed, depth: depth, width: width, count: count)
    if kept?.isPacked == true { return panels }
    pool.run(models.count * count) { task, _ in
      let column = task % count * panelWidth
      let source = base + models[task / count].model * weight.modelStride
      kernels.packPanel(
        PanelSource(
          source: source + column * (transposed ? weight.stride : 1), depth: depth,
          columns: min(panelWidth, width - column), depthStride: transposed ? 1 : weight.stride,
          columnStride: transposed ? weight.stride : 1), packed + task * depth * panelWidth)
    }
    return panels
  }

  /// Calls `body` for every run of rows and panel of columns, with the panel's first column and its number of
  /// columns.
  ///
  /// A task is a few rows and as many panels as stay in a core's cache. One core reads and writes
  /// neighbouring columns of a row one after another, so the epilogue's operands stream through memory.
  private func forEachTile(
    _ rows: RowGroups, _ panels: PackedPanels,
    _ body: (RowTask, UnsafePointer<Float>, Int, Int) -> Void
  ) {
    let runs = tasks(rows)
    let panelsPerTask = max(1, cachedFloats / (panels.depth * panelWidth))
    let groups = (panels.count + panelsPerTask - 1) / panelsPerTask
    withExtendedLifetime(panels.scratch) {
      pool.run(runs.count * groups) { task, _ in
        let (run, first) = (runs[task / groups], task % groups * panelsPerTask)
        for panel in first..<min(first + panelsPerTask, panels.count) {
          let memory = panels.memory + (run.modelIndex * panels.count + panel) * panels.depth * panelWidth
          body(run, memory, panel * panelWidth, min(panelWidth, panels.width - panel * panelWidth))
        }
      }
    }
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
