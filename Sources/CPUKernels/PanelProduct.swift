import CPUKernelTable
import CPrefetch

private let panelWidth = KernelSizes.panelWidth

extension VariantKernels {
  /// Multiplies rows of A by a packed panel of B, one register tile at a time.
  package static func multiplyPanel(_ product: PanelProduct) {
    var rest = product
    #if X86_64_V4
      if product.isPlain && product.columns == panelWidth && product.hasAdjacentElements {
        while rest.rows == tallTileRows || rest.rows >= tallTileRows + tileRows {
          rest.fetchEpilogue(tallTileRows)
          multiplyTallTile(rest)
          rest.skip(tallTileRows)
        }
      }
    #endif
    while rest.rows >= tileRows && rest.columns == panelWidth {
      rest.fetchEpilogue(tileRows)
      multiplyTile(rest, tileRows)
      rest.skip(tileRows)
    }
    while rest.rows > 0 {
      let rows = min(tileRows, rest.rows)
      multiplyPartOfTile(rest, rows)
      rest.skip(rows)
    }
  }
}

extension VariantKernels {
  /// Packs a panel of B and multiplies rows of A by it: the bits of ``packPanels`` and ``multiplyPanel``.
  ///
  /// - Parameters:
  ///   - source: the panel, of as many rows as the product is deep and with all its columns.
  ///   - packed: [depth, 32], where the panel is packed: the product's panel.
  package static func packAndMultiplyPanel(
    _ source: PanelSource, _ packed: UnsafeMutablePointer<Float>, _ product: PanelProduct
  ) {
    #if X86_64_V4
      let (first, canPack) = (tallTileRows, product.aRowStride == 1)
    #else
      let (first, canPack) = (tileRows, true)
    #endif
    guard
      canPack && product.isPlain && product.columns == panelWidth && source.columnStride == 1
        && product.rows >= first
    else {
      packPanels(source, packed)
      return multiplyPanel(product)
    }
    var rest = product
    rest.fetchEpilogue(first)
    #if X86_64_V4
      packTallTile(rest, source, packed)
    #else
      packTile(rest, source, packed)
    #endif
    rest.skip(first)
    multiplyPanel(rest)
  }
}

extension PanelProduct {
  /// Whether the epilogue has no GELU.
  @inline(always)
  fileprivate var isPlain: Bool { !appliesGELU && geluInput == nil }

  /// Whether the elements of A are adjacent along its rows or along its depth.
  @inline(always)
  fileprivate var hasAdjacentElements: Bool { aRowStride == 1 || aDepthStride == 1 }

  /// Fetches what the epilogue of the next rows reads and writes, while their sums are computed. Those are
  /// pieces of rows, which the processor does not foresee.
  @inline(always)
  fileprivate func fetchEpilogue(_ count: Int) {
    fetchForWriting(output, outputStride, count)
    if residualStride > 0 { fetch(residual, residualStride, count) }
    if let preActivation { fetchForWriting(preActivation, preActivationStride, count) }
    if let geluInput { fetch(geluInput, geluInputStride, count) }
  }

  /// Skips the first rows.
  @inline(always)
  fileprivate mutating func skip(_ count: Int) {
    rows -= count
    a += count * aRowStride
    sums += count * sumsStride
    output += count * outputStride
    residual += count * residualStride
    preActivation = preActivation.map { $0 + count * preActivationStride }
    geluInput = geluInput.map { $0 + count * geluInputStride }
  }
}

/// Computes the first rows of a product that has fewer rows or columns than a tile. They pass through a whole
/// tile in memory.
@inline(never)
private func multiplyPartOfTile(_ product: PanelProduct, _ rows: Int) {
  withTile { output, other, bias in
    var whole = product
    (whole.output, whole.outputStride) = (output, panelWidth)
    copyColumns(product.bias, 0, bias, 0, 1, product.columns)
    whole.bias = UnsafePointer(bias)
    // A product has at most one of these.
    if let input = product.geluInput {
      copyColumns(input, product.geluInputStride, other, panelWidth, rows, product.columns)
      (whole.geluInput, whole.geluInputStride) = (UnsafePointer(other), panelWidth)
    } else if product.preActivation != nil {
      (whole.preActivation, whole.preActivationStride) = (other, panelWidth)
    } else {
      copyColumns(product.residual, product.residualStride, other, panelWidth, rows, product.columns)
      (whole.residual, whole.residualStride) = (UnsafePointer(other), panelWidth)
    }
    if product.columns > vectorWidth || product.appliesGELU || product.geluInput != nil {
      multiplyTile(whole, rows)
    } else {
      multiplyHalfTile(whole, rows)
    }
    copyColumns(output, panelWidth, product.output, product.outputStride, rows, product.columns)
    if let pre = product.preActivation {
      copyColumns(other, panelWidth, pre, product.preActivationStride, rows, product.columns)
    }
  }
}

/// Room for two tiles and a row. They are allocated separately, because at most 1024 bytes come from the
/// stack.
@inline(always)
private func withTile(
  _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) {
  let tileCount = tileRows * panelWidth
  withUnsafeTemporaryAllocation(of: Float.self, capacity: tileCount) { output in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tileCount) { other in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: panelWidth) { bias in
        guard let output = output.baseAddress, let other = other.baseAddress, let bias = bias.baseAddress
        else { return }
        body(output, other, bias)
      }
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

@inline(always)
private func fetchForWriting(_ rows: UnsafePointer<Float>, _ stride: Int, _ count: Int) {
  for row in 0..<count {
    prefetchLineForWriting(rows + row * stride)
    prefetchLineForWriting(rows + row * stride + vectorWidth)
  }
}

@inline(always)
private func fetch(_ rows: UnsafePointer<Float>, _ stride: Int, _ count: Int) {
  for row in 0..<count {
    prefetchLine(rows + row * stride)
    prefetchLine(rows + row * stride + vectorWidth)
  }
}

extension VariantKernels {
  /// Sums columns, two vectors of them at a time, with rows in order.
  package static func columnSums(_ sums: ColumnSums) {
    var column = 0
    while column + 2 * vectorWidth <= sums.columns {
      var totals = (Vector(repeating: 0), Vector(repeating: 0))
      if sums.continues { totals = (load(sums.output + column), load(sums.output + column + vectorWidth)) }
      var input = sums.input + column
      for _ in 0..<sums.rows {
        totals.0 += load(input)
        totals.1 += load(input + vectorWidth)
        input += sums.inputStride
      }
      store(totals.0, sums.output + column)
      store(totals.1, sums.output + column + vectorWidth)
      column += 2 * vectorWidth
    }
    while column < sums.columns {
      let count = sums.columns - column
      var total = sums.continues ? load(sums.output + column, count) : Vector(repeating: 0)
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
      store(total, sums.output + column, count)
      column += vectorWidth
    }
  }
}
