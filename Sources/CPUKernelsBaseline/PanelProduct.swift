import CPUKernelTable

private let panelWidth = CPUKernelTable.panelWidth
/// Floats of a register tile on its way out.
private let tileCount = tileRows * panelWidth

/// Multiplies rows of A with a packed panel of B, a register tile at a time, and applies the epilogue.
func multiplyPanel(_ product: PanelProduct) {
  // The tile passes through a small buffer on its way out: a few stores for depth·rows·columns products,
  // and the epilogue is one plain loop.
  withUnsafeTemporaryAllocation(of: Float.self, capacity: tileCount) { buffer in
    guard let tile = buffer.baseAddress else { return }
    var rest = product
    while rest.rows > 0 {
      let rows = min(tileRows, rest.rows)
      if rest.columns > vectorWidth {
        multiplyTile(rest.a, rest.aRowStride, rest.aDepthStride, rows, rest.panel, rest.depth, tile)
      } else {
        multiplyHalfTile(rest.a, rest.aRowStride, rest.aDepthStride, rows, rest.panel, rest.depth, tile)
      }
      if rest.columns == panelWidth {
        finishTile(rest, rows, tile)
      } else {
        finishNarrowTile(rest, rows, tile)
      }
      rest.skip(rows)
    }
  }
}

extension PanelProduct {
  /// Leaves the first rows out.
  @inline(always)
  fileprivate mutating func skip(_ count: Int) {
    rows -= count
    a += count * aRowStride
    output += count * outputStride
    preActivation = preActivation.map { $0 + count * preActivationStride }
    residual = residual.map { $0 + count * residualStride }
    geluInput = geluInput.map { $0 + count * geluInputStride }
  }
}

/// (accumulator + bias), then GELU or × GELU′ or + residual, for the first rows of a product and all 32 columns.
@inline(always)
private func finishTile(_ product: PanelProduct, _ rows: Int, _ tile: UnsafePointer<Float>) {
  if let pre = product.preActivation {
    finishGELU(product, pre, rows, tile)
  } else if let input = product.geluInput {
    finishGELUGradient(product, input, rows, tile)
  } else {
    finishSum(product, rows, tile)
  }
}

/// The same where columns are missing: what is there passes through whole rows.
@inline(never)
private func finishNarrowTile(_ product: PanelProduct, _ rows: Int, _ tile: UnsafePointer<Float>) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * tileCount + panelWidth) { buffer in
    if let base = buffer.baseAddress { finishNarrowTile(product, rows, tile, base) }
  }
}

@inline(always)
private func finishNarrowTile(
  _ product: PanelProduct, _ rows: Int, _ tile: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
) {
  let (other, bias) = (output + tileCount, output + 2 * tileCount)
  var whole = product
  (whole.output, whole.outputStride) = (output, panelWidth)
  if let from = product.bias {
    copyColumns(from, 0, bias, 0, 1, product.columns)
    whole.bias = UnsafePointer(bias)
  }
  if let from = product.residual {
    copyColumns(from, product.residualStride, other, panelWidth, rows, product.columns)
    (whole.residual, whole.residualStride) = (UnsafePointer(other), panelWidth)
  }
  if let from = product.geluInput {
    copyColumns(from, product.geluInputStride, other, panelWidth, rows, product.columns)
    (whole.geluInput, whole.geluInputStride) = (UnsafePointer(other), panelWidth)
  }
  if product.preActivation != nil { (whole.preActivation, whole.preActivationStride) = (other, panelWidth) }
  finishTile(whole, rows, tile)
  copyColumns(output, panelWidth, product.output, product.outputStride, rows, product.columns)
  if let pre = product.preActivation {
    copyColumns(other, panelWidth, pre, product.preActivationStride, rows, product.columns)
  }
}

@inline(always)
private func copyColumns(
  _ from: UnsafePointer<Float>, _ stride: Int, _ to: UnsafeMutablePointer<Float>, _ toStride: Int,
  _ rows: Int,
  _ columns: Int
) {
  for row in 0..<rows {
    for column in 0..<columns { to[row * toStride + column] = from[row * stride + column] }
  }
}

// Functions of their own, because the compiler stops inlining what large functions call; loops written out, because a
// closure would be called with vectors in memory. Two rows at a time, an odd last one twice.

@inline(never)
private func finishGELU(
  _ product: PanelProduct, _ pre: UnsafeMutablePointer<Float>, _ rows: Int, _ tile: UnsafePointer<Float>
) {
  let bias = bias(product)
  var i = 0
  while i < rows {
    let next = i + 1 < rows ? i + 1 : i
    let (upper, lower) = (sums(tile, i, bias), sums(tile, next, bias))
    storeTwo(upper, pre + i * product.preActivationStride)
    storeTwo(lower, pre + next * product.preActivationStride)
    let values = gelu((upper.0, upper.1, lower.0, lower.1))
    storeTwo((values.0, values.1), product.output + i * product.outputStride)
    storeTwo((values.2, values.3), product.output + next * product.outputStride)
    i += 2
  }
}

@inline(never)
private func finishGELUGradient(
  _ product: PanelProduct, _ input: UnsafePointer<Float>, _ rows: Int, _ tile: UnsafePointer<Float>
) {
  let bias = bias(product)
  var i = 0
  while i < rows {
    let next = i + 1 < rows ? i + 1 : i
    let (upper, lower) = (
      loadTwo(input + i * product.geluInputStride), loadTwo(input + next * product.geluInputStride)
    )
    let slope = geluDerivative((upper.0, upper.1, lower.0, lower.1))
    let (a, b) = (sums(tile, i, bias), sums(tile, next, bias))
    storeTwo((a.0 * slope.0, a.1 * slope.1), product.output + i * product.outputStride)
    storeTwo((b.0 * slope.2, b.1 * slope.3), product.output + next * product.outputStride)
    i += 2
  }
}

@inline(never)
private func finishSum(_ product: PanelProduct, _ rows: Int, _ tile: UnsafePointer<Float>) {
  let bias = bias(product)
  for i in 0..<rows {
    var values = sums(tile, i, bias)
    if let residual = product.residual {
      let more = loadTwo(residual + i * product.residualStride)
      values = (values.0 + more.0, values.1 + more.1)
    }
    storeTwo(values, product.output + i * product.outputStride)
  }
}

/// The two vectors of a panel's row.
typealias TwoVectors = (Vector, Vector)

/// The panel's bias, or what changes nothing when it is added: −0 leaves even −0 what it is.
@inline(always)
private func bias(_ product: PanelProduct) -> TwoVectors {
  guard let bias = product.bias else { return (Vector(repeating: -0.0), Vector(repeating: -0.0)) }
  return loadTwo(bias)
}

@inline(always)
private func sums(_ tile: UnsafePointer<Float>, _ row: Int, _ bias: TwoVectors) -> TwoVectors {
  let values = loadTwo(tile + row * panelWidth)
  return (values.0 + bias.0, values.1 + bias.1)
}

@inline(always)
private func loadTwo(_ from: UnsafePointer<Float>) -> TwoVectors { (load(from), load(from + vectorWidth)) }

@inline(always)
private func storeTwo(_ values: TwoVectors, _ to: UnsafeMutablePointer<Float>) {
  store(values.0, to)
  store(values.1, to + vectorWidth)
}

/// Sums columns, a vector of them at a time, rows in order.
func columnSums(_ sums: ColumnSums) {
  var column = 0
  while column < sums.columns {
    let count = sums.columns - column
    var total = Vector(repeating: 0)
    var input = sums.input + column
    if count >= vectorWidth {
      for _ in 0..<sums.rows {
        total += load(input)
        input += sums.inputStride
      }
    } else {
      for _ in 0..<sums.rows {
        total += load(input, count)
        input += sums.inputStride
      }
    }
    store(total * sums.scale, sums.output + column, count)
    column += vectorWidth
  }
}
