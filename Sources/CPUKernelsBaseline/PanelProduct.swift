import CPUKernelTable

private let panelWidth = CPUKernelTable.panelWidth

/// Multiplies rows of A with a packed panel of B, a register tile at a time, and applies the epilogue.
func multiplyPanel(_ product: PanelProduct) {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: panelWidth) { buffer in
    guard let unchanged = buffer.baseAddress else { return }
    // What changes nothing when it is added: −0 leaves even −0 what it is.
    storeTwo((Vector(repeating: -0.0), Vector(repeating: -0.0)), unchanged)
    var rest = product
    while rest.rows >= tileRows && rest.columns == panelWidth {
      multiplyWholeTile(rest, unchanged)
      rest.skip(tileRows)
    }
    while rest.rows > 0 {
      let rows = min(tileRows, rest.rows)
      multiplyPartOfTile(rest, rows, unchanged)
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

extension TileSums {
  @inline(always)
  func add(_ sum: Vector, _ row: Int, _ column: Int) {
    let more = load(residual + row * residualStride + column)
    store(sum + load(bias + column) + more, output + row * outputStride + column)
  }
}

/// The first rows of a product, all 32 columns of them, to where they belong; a GELU is a second look at rows that are
/// still in the nearest cache. Of fewer rows of A the last is repeated.
@inline(always)
private func multiplyWholeTile(_ product: PanelProduct, _ unchanged: UnsafePointer<Float>) {
  let sums = TileSums(
    bias: product.bias ?? unchanged, residual: product.residual ?? unchanged,
    residualStride: product.residual == nil ? 0 : product.residualStride,
    output: product.preActivation ?? product.output,
    outputStride: product.preActivation == nil ? product.outputStride : product.preActivationStride)
  let rows = min(tileRows, product.rows)
  if product.columns > vectorWidth {
    multiplyTile(
      product.a, product.aRowStride, product.aDepthStride, rows, product.panel, product.depth, sums)
  } else {
    multiplyHalfTile(
      product.a, product.aRowStride, product.aDepthStride, rows, product.panel, product.depth, sums)
  }
  if let pre = product.preActivation {
    applyGELU(pre, product.preActivationStride, product.output, product.outputStride)
  } else if let input = product.geluInput {
    multiplyByGELUDerivative(input, product.geluInputStride, product.output, product.outputStride)
  }
}

/// The first rows of a product where rows or columns are missing: what is there passes through a whole tile.
@inline(never)
private func multiplyPartOfTile(
  _ product: PanelProduct, _ rows: Int, _ unchanged: UnsafePointer<Float>
) {
  let tileCount = tileRows * panelWidth
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * tileCount + panelWidth) { buffer in
    guard let output = buffer.baseAddress else { return }
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
    multiplyWholeTile(whole, unchanged)
    copyColumns(output, panelWidth, product.output, product.outputStride, rows, product.columns)
    if let pre = product.preActivation {
      copyColumns(other, panelWidth, pre, product.preActivationStride, rows, product.columns)
    }
  }
}

@inline(always)
private func copyColumns(
  _ from: UnsafePointer<Float>, _ stride: Int, _ to: UnsafeMutablePointer<Float>, _ toStride: Int,
  _ rows: Int, _ columns: Int
) {
  for row in 0..<rows {
    for column in 0..<columns { to[row * toStride + column] = from[row * stride + column] }
  }
}

// What follows the sums of a tile. Functions of their own, because the compiler stops inlining what large functions call;
// loops written out, because a closure would be called with vectors in memory. Two rows at a time: tiles have whole twos.

@inline(never)
private func applyGELU(
  _ input: UnsafePointer<Float>, _ inputStride: Int, _ output: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for i in Swift.stride(from: 0, to: tileRows, by: 2) {
    let (upper, lower) = (loadTwo(input + i * inputStride), loadTwo(input + (i + 1) * inputStride))
    let values = gelu((upper.0, upper.1, lower.0, lower.1))
    storeTwo((values.0, values.1), output + i * stride)
    storeTwo((values.2, values.3), output + (i + 1) * stride)
  }
}

@inline(never)
private func multiplyByGELUDerivative(
  _ input: UnsafePointer<Float>, _ inputStride: Int, _ rows: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for i in Swift.stride(from: 0, to: tileRows, by: 2) {
    let (upper, lower) = (loadTwo(input + i * inputStride), loadTwo(input + (i + 1) * inputStride))
    let slope = geluDerivative((upper.0, upper.1, lower.0, lower.1))
    let (a, b) = (loadTwo(rows + i * stride), loadTwo(rows + (i + 1) * stride))
    storeTwo((a.0 * slope.0, a.1 * slope.1), rows + i * stride)
    storeTwo((b.0 * slope.2, b.1 * slope.3), rows + (i + 1) * stride)
  }
}

/// The two vectors of a panel's row.
typealias TwoVectors = (Vector, Vector)

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
