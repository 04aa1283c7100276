import CPUKernelTable

/// Multiplies rows of A with a packed panel of B, a register tile at a time, and applies the epilogue.
func multiplyPanel(_ product: PanelProduct) {
  // The tile passes through a small buffer on its way out: a few stores for depth·rows·columns products,
  // and the epilogue is one plain loop.
  withUnsafeTemporaryAllocation(of: Float.self, capacity: tileRows * CPUKernelTable.panelWidth) { buffer in
    guard let tile = buffer.baseAddress else { return }
    var row = 0
    while row < product.rows {
      let rows = min(tileRows, product.rows - row)
      multiplyTile(
        product.a + row * product.aRowStride, product.aRowStride, product.aDepthStride, rows, product.panel,
        product.depth, tile)
      finishTile(product, row, rows, tile)
      row += rows
    }
  }
}

/// (accumulator + bias), then GELU or × GELU′ or + residual, one row of the tile after the other.
@inline(always)
private func finishTile(
  _ product: PanelProduct, _ firstRow: Int, _ rows: Int, _ tile: UnsafePointer<Float>
) {
  var column = 0
  while column < product.columns {
    let count = product.columns - column
    let bias = product.bias.map { load($0 + column, count) }
    for i in 0..<rows {
      let row = firstRow + i
      var value = load(tile + i * CPUKernelTable.panelWidth + column)
      if let bias { value += bias }
      if let pre = product.preActivation {
        store(value, pre + row * product.preActivationStride + column, count)
        value = gelu(value)
      }
      if let input = product.geluInput {
        value *= geluDerivative(load(input + row * product.geluInputStride + column, count))
      }
      if let residual = product.residual {
        value += load(residual + row * product.residualStride + column, count)
      }
      store(value, product.output + row * product.outputStride + column, count)
    }
    column += vectorWidth
  }
}

/// Sums columns, a vector of them at a time, rows in order.
func columnSums(_ sums: ColumnSums) {
  var column = 0
  while column < sums.columns {
    let count = sums.columns - column
    var total = Vector(repeating: 0)
    var input = sums.input + column
    for _ in 0..<sums.rows {
      total += load(input, count)
      input += sums.inputStride
    }
    store(total * sums.scale, sums.output + column, count)
    column += vectorWidth
  }
}
