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
  } else {
    finishSum(product, firstRow, rows, tile)
  }
}

// Functions of their own, because the compiler stops inlining what large functions call.

@inline(never)
private func finishGELU(
  _ product: PanelProduct, _ pre: UnsafeMutablePointer<Float>, _ firstRow: Int, _ rows: Int,
  _ tile: UnsafePointer<Float>
) {
  forEachRow(product, firstRow, rows, tile) { values, row in
    storeTwo(values, pre + row * product.preActivationStride, product.columns)
    return gelu(values)
  }
}

@inline(never)
private func finishGELUGradient(
  _ product: PanelProduct, _ input: UnsafePointer<Float>, _ firstRow: Int, _ rows: Int,
  _ tile: UnsafePointer<Float>
) {
  forEachRow(product, firstRow, rows, tile) { values, row in
    multiply(values, geluDerivative(loadTwo(input + row * product.geluInputStride, product.columns)))
  }
}

@inline(never)
private func finishSum(
  _ product: PanelProduct, _ firstRow: Int, _ rows: Int, _ tile: UnsafePointer<Float>
) {
  guard let residual = product.residual else {
    return forEachRow(product, firstRow, rows, tile) { values, _ in values }
  }
  forEachRow(product, firstRow, rows, tile) { values, row in
    let more = loadTwo(residual + row * product.residualStride, product.columns)
    return (values.0 + more.0, values.1 + more.1)
  }
}

/// Stores what `finish` makes of every row of (accumulator + bias).
@inline(always)
private func forEachRow(
  _ product: PanelProduct, _ firstRow: Int, _ rows: Int, _ tile: UnsafePointer<Float>,
  _ finish: (_ values: TwoVectors, _ row: Int) -> TwoVectors
) {
  // Adding nothing must leave −0 what it is, and adding −0 does.
  let bias = product.bias.map { loadTwo($0, product.columns) } ?? two(-0.0)
  for i in 0..<rows {
    let row = firstRow + i
    let sums = loadTwo(tile + i * CPUKernelTable.panelWidth, CPUKernelTable.panelWidth)
    storeTwo(
      finish((sums.0 + bias.0, sums.1 + bias.1), row), product.output + row * product.outputStride,
      product.columns)
  }
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
