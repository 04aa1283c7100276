import CPUKernelTable
import Compute

private let panelWidth = KernelSizes.panelWidth
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
    var product = TiledProduct(
      PanelProduct(
        a: x, aRowStride: input.stride, aDepthStride: 1, panel: neutral.zeros, rows: 0, depth: input.columns,
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
    multiply(
      product, operation.rows,
      WeightPanels(weight, transposed: false, of: try own(weight.buffer, in: name), keeps: keepsPanels))
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
    var product = TiledProduct(
      PanelProduct(
        a: dy, aRowStride: outputGradient.stride, aDepthStride: 1, panel: neutral.zeros, rows: 0,
        depth: outputGradient.columns, columns: 0, output: dx, outputStride: inputGradient.stride,
        neutral: neutral))
    if let pre, let stride = operation.preActivation?.stride {
      (product.first.geluInput, product.first.geluInputStride) = (UnsafePointer(pre), stride)
    }
    multiply(
      product, operation.rows,
      WeightPanels(
        operation.weight, transposed: true, of: try own(operation.weight.buffer, in: name), keeps: keepsPanels
      ))
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
}
