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

/// (accumulator + bias), then GELU or × GELU′ or + residual, a row of the tile after the other: its two vectors.
@inline(always)
private func finishTile(
  _ product: PanelProduct, _ firstRow: Int, _ rows: Int, _ tile: UnsafePointer<Float>
) {
  if let pre = product.preActivation {
    finishGELU(product, pre, firstRow, rows, tile)
  } else if let input = product.geluInput {
    finishGELUGradient(product, input, firstRow, rows, tile)
  } else if let residual = product.residual {
    finishResidual(product, residual, firstRow, rows, tile)
  } else {
    let bias = bias(product)
    for i in 0..<rows { storeRow(sums(tile, i, bias), product, firstRow + i) }
  }
}

// Functions of their own, because the compiler stops inlining what large functions call; loops written out, because a
// closure would be called with vectors in memory.

@inline(never)
private func finishGELU(
  _ product: PanelProduct, _ pre: UnsafeMutablePointer<Float>, _ firstRow: Int, _ rows: Int,
  _ tile: UnsafePointer<Float>
) {
  let bias = bias(product)
  for i in 0..<rows {
    let values = sums(tile, i, bias)
    storeTwo(values, pre + (firstRow + i) * product.preActivationStride, product.columns)
    storeRow(gelu(values), product, firstRow + i)
  }
}

@inline(never)
private func finishGELUGradient(
  _ product: PanelProduct, _ input: UnsafePointer<Float>, _ firstRow: Int, _ rows: Int,
  _ tile: UnsafePointer<Float>
) {
  let bias = bias(product)
  for i in 0..<rows {
    let slope = geluDerivative(loadTwo(input + (firstRow + i) * product.geluInputStride, product.columns))
    storeRow(multiply(sums(tile, i, bias), slope), product, firstRow + i)
  }
}

@inline(never)
private func finishResidual(
  _ product: PanelProduct, _ residual: UnsafePointer<Float>, _ firstRow: Int, _ rows: Int,
  _ tile: UnsafePointer<Float>
) {
  let bias = bias(product)
  for i in 0..<rows {
    let more = loadTwo(residual + (firstRow + i) * product.residualStride, product.columns)
    let values = sums(tile, i, bias)
    storeRow((values.0 + more.0, values.1 + more.1), product, firstRow + i)
  }
}

/// The panel's bias, or what changes nothing when it is added: −0 leaves even −0 what it is.
@inline(always)
private func bias(_ product: PanelProduct) -> TwoVectors {
  guard let bias = product.bias else { return two(-0.0) }
  return loadTwo(bias, product.columns)
}

@inline(always)
private func sums(_ tile: UnsafePointer<Float>, _ row: Int, _ bias: TwoVectors) -> TwoVectors {
  let from = tile + row * CPUKernelTable.panelWidth
  return (load(from) + bias.0, load(from + vectorWidth) + bias.1)
}

@inline(always)
private func storeRow(_ values: TwoVectors, _ product: PanelProduct, _ row: Int) {
  storeTwo(values, product.output + row * product.outputStride, product.columns)
}

/// The two vectors of a panel's row, or what is there of them.
@inline(always)
private func loadTwo(_ from: UnsafePointer<Float>, _ columns: Int) -> TwoVectors {
  if columns >= CPUKernelTable.panelWidth { return (load(from), load(from + vectorWidth)) }
  return (
    load(from, columns),
    columns > vectorWidth ? load(from + vectorWidth, columns - vectorWidth) : Vector(repeating: 0)
  )
}

@inline(always)
private func storeTwo(_ values: TwoVectors, _ to: UnsafeMutablePointer<Float>, _ columns: Int) {
  if columns >= CPUKernelTable.panelWidth {
    store(values.0, to)
    store(values.1, to + vectorWidth)
  } else {
    store(values.0, to, columns)
    if columns > vectorWidth { store(values.1, to + vectorWidth, columns - vectorWidth) }
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
