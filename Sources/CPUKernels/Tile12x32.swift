import CPUKernelTable

#if X86_64_V4
  /// The number of rows in a tall register tile. Its 12 × 32 sums take 24 registers, and a vector of B is read
  /// once for twelve rows instead of eight: if the panel or the rows come from the second-level cache, that is
  /// what limits a processor with two units for multiply-adds. A GELU would have too few registers left.
  let tallTileRows = 12

  /// Computes twelve rows of a product without a GELU, with all 32 columns. Each sum is made in the same order
  /// as in the other tile. One of the strides of A must be 1: a loop that knows which takes fewer instructions between its multiply-adds.
  @inline(always)
  func multiplyTallTile(_ product: PanelProduct) {
    let rows = panelRows(of: product.panel)
    if product.aRowStride == 1 {
      multiplyTallTile(product, rowStride: 1, depthStride: product.aDepthStride, rows)
    } else {
      multiplyTallTile(product, rowStride: product.aRowStride, depthStride: 1, rows)
    }
  }

  /// Does the same and packs the panel. The elements of A must be adjacent along its rows.
  @inline(always)
  func packTallTile(_ product: PanelProduct, _ source: PanelSource, _ packed: UnsafeMutablePointer<Float>) {
    multiplyTallTile(
      product, rowStride: 1, depthStride: product.aDepthStride,
      panelRows(of: source, packing: packed))
  }

  @inline(always)
  private func multiplyTallTile(
    _ product: PanelProduct, rowStride: Int, depthStride: Int, _ panel: PanelRows
  ) {
    var a0 = product.a
    var a3 = a0 + 3 * rowStride
    var a6 = a0 + 6 * rowStride
    var a9 = a0 + 9 * rowStride
    var panel = panel
    var (c00, c01) = (product.sum(0, 0), product.sum(0, vectorWidth))
    var (c10, c11) = (product.sum(1, 0), product.sum(1, vectorWidth))
    var (c20, c21) = (product.sum(2, 0), product.sum(2, vectorWidth))
    var (c30, c31) = (product.sum(3, 0), product.sum(3, vectorWidth))
    var (c40, c41) = (product.sum(4, 0), product.sum(4, vectorWidth))
    var (c50, c51) = (product.sum(5, 0), product.sum(5, vectorWidth))
    var (c60, c61) = (product.sum(6, 0), product.sum(6, vectorWidth))
    var (c70, c71) = (product.sum(7, 0), product.sum(7, vectorWidth))
    var (c80, c81) = (product.sum(8, 0), product.sum(8, vectorWidth))
    var (c90, c91) = (product.sum(9, 0), product.sum(9, vectorWidth))
    var (ca0, ca1) = (product.sum(10, 0), product.sum(10, vectorWidth))
    var (cb0, cb1) = (product.sum(11, 0), product.sum(11, vectorWidth))
    for _ in 0..<product.depth {
      let (b0, b1) = nextRow(&panel)
      if rowStride == 1 { fetchAhead(a0, tallTileRows, depthStride) }
      let x0 = Vector(repeating: a0[0])
      c00 = multiplyAdd(x0, b0, c00)
      c01 = multiplyAdd(x0, b1, c01)
      let x1 = Vector(repeating: a0[rowStride])
      c10 = multiplyAdd(x1, b0, c10)
      c11 = multiplyAdd(x1, b1, c11)
      let x2 = Vector(repeating: a0[2 * rowStride])
      c20 = multiplyAdd(x2, b0, c20)
      c21 = multiplyAdd(x2, b1, c21)
      a0 += depthStride
      let x3 = Vector(repeating: a3[0])
      c30 = multiplyAdd(x3, b0, c30)
      c31 = multiplyAdd(x3, b1, c31)
      let x4 = Vector(repeating: a3[rowStride])
      c40 = multiplyAdd(x4, b0, c40)
      c41 = multiplyAdd(x4, b1, c41)
      let x5 = Vector(repeating: a3[2 * rowStride])
      c50 = multiplyAdd(x5, b0, c50)
      c51 = multiplyAdd(x5, b1, c51)
      a3 += depthStride
      let x6 = Vector(repeating: a6[0])
      c60 = multiplyAdd(x6, b0, c60)
      c61 = multiplyAdd(x6, b1, c61)
      let x7 = Vector(repeating: a6[rowStride])
      c70 = multiplyAdd(x7, b0, c70)
      c71 = multiplyAdd(x7, b1, c71)
      let x8 = Vector(repeating: a6[2 * rowStride])
      c80 = multiplyAdd(x8, b0, c80)
      c81 = multiplyAdd(x8, b1, c81)
      a6 += depthStride
      let x9 = Vector(repeating: a9[0])
      c90 = multiplyAdd(x9, b0, c90)
      c91 = multiplyAdd(x9, b1, c91)
      let xa = Vector(repeating: a9[rowStride])
      ca0 = multiplyAdd(xa, b0, ca0)
      ca1 = multiplyAdd(xa, b1, ca1)
      let xb = Vector(repeating: a9[2 * rowStride])
      cb0 = multiplyAdd(xb, b0, cb0)
      cb1 = multiplyAdd(xb, b1, cb1)
      a9 += depthStride
    }
    product.add(c00, 0, 0)
    product.add(c01, 0, vectorWidth)
    product.add(c10, 1, 0)
    product.add(c11, 1, vectorWidth)
    product.add(c20, 2, 0)
    product.add(c21, 2, vectorWidth)
    product.add(c30, 3, 0)
    product.add(c31, 3, vectorWidth)
    product.add(c40, 4, 0)
    product.add(c41, 4, vectorWidth)
    product.add(c50, 5, 0)
    product.add(c51, 5, vectorWidth)
    product.add(c60, 6, 0)
    product.add(c61, 6, vectorWidth)
    product.add(c70, 7, 0)
    product.add(c71, 7, vectorWidth)
    product.add(c80, 8, 0)
    product.add(c81, 8, vectorWidth)
    product.add(c90, 9, 0)
    product.add(c91, 9, vectorWidth)
    product.add(ca0, 10, 0)
    product.add(ca1, 10, vectorWidth)
    product.add(cb0, 11, 0)
    product.add(cb1, 11, vectorWidth)
  }
#endif
