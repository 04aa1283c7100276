import CPUKernelTable

#if !X86_64_V4
  /// The number of rows in a register tile. 6 × 16 sums take 12 of the 16 registers of AVX2 (24 of the 32 of
  /// NEON).
  let tileRows = 6

  /// Computes the first `rows` ≤ 6 rows of a product, with all 32 columns. Rows beyond `rows` are arbitrary.
  /// A GELU reads the stored rows again while they are in the first-level cache.
  @inline(always)
  func multiplyTile(_ product: PanelProduct, _ rows: Int) {
    multiplyColumns(from: 0, product, rows, panelRows(of: product.panel))
    multiplyColumns(from: 16, product, rows, panelRows(of: product.panel, from: 16))
    if product.appliesGELU {
      applyGELU(product)
    } else if let input = product.geluInput {
      multiplyByGELUDerivative(product, of: input)
    }
  }

  /// Does the same for the first 16 columns only, which halves the work at the end of a matrix.
  @inline(always)
  func multiplyHalfTile(_ product: PanelProduct, _ rows: Int) {
    multiplyColumns(from: 0, product, rows, panelRows(of: product.panel))
  }

  /// Computes six rows of a product without a GELU, and packs the panel with them.
  @inline(always)
  func packTile(_ product: PanelProduct, _ source: PanelSource, _ packed: UnsafeMutablePointer<Float>) {
    multiplyColumns(from: 0, product, tileRows, panelRows(of: source, packing: packed))
    multiplyColumns(from: 16, product, tileRows, panelRows(of: source, packing: packed, from: 16))
  }

  @inline(never)
  private func applyGELU(_ product: PanelProduct) {
    for row in stride(from: 0, to: tileRows, by: 2) {
      storeGELU(loadTwoRows(product.output, row, product.outputStride), row, product)
    }
  }

  /// Computes 16 columns, with bias and residual.
  @inline(always)
  private func multiplyColumns(
    from first: Int, _ product: PanelProduct, _ rows: Int, _ panel: PanelRows
  ) {
    // Beyond the last row, the last row is read again.
    let last = rows - 1
    let (rowStride, depthStride) = (product.aRowStride, product.aDepthStride)
    var a0 = product.a
    var a1 = a0 + min(1, last) * rowStride
    var a2 = a0 + min(2, last) * rowStride
    var a3 = a0 + min(3, last) * rowStride
    var a4 = a0 + min(4, last) * rowStride
    var a5 = a0 + min(5, last) * rowStride
    var panel = panel
    var (c00, c01) = (product.sum(0, first), product.sum(0, first + 8))
    var (c10, c11) = (product.sum(1, first), product.sum(1, first + 8))
    var (c20, c21) = (product.sum(2, first), product.sum(2, first + 8))
    var (c30, c31) = (product.sum(3, first), product.sum(3, first + 8))
    var (c40, c41) = (product.sum(4, first), product.sum(4, first + 8))
    var (c50, c51) = (product.sum(5, first), product.sum(5, first + 8))
    for _ in 0..<product.depth {
      let (b0, b1) = nextRow(&panel)
      if rowStride == 1 { fetchAhead(a0, tileRows, depthStride) }
      let x0 = SIMD8<Float>(repeating: a0.pointee)
      c00 = multiplyAdd(x0, b0, c00)
      c01 = multiplyAdd(x0, b1, c01)
      a0 += depthStride
      let x1 = SIMD8<Float>(repeating: a1.pointee)
      c10 = multiplyAdd(x1, b0, c10)
      c11 = multiplyAdd(x1, b1, c11)
      a1 += depthStride
      let x2 = SIMD8<Float>(repeating: a2.pointee)
      c20 = multiplyAdd(x2, b0, c20)
      c21 = multiplyAdd(x2, b1, c21)
      a2 += depthStride
      let x3 = SIMD8<Float>(repeating: a3.pointee)
      c30 = multiplyAdd(x3, b0, c30)
      c31 = multiplyAdd(x3, b1, c31)
      a3 += depthStride
      let x4 = SIMD8<Float>(repeating: a4.pointee)
      c40 = multiplyAdd(x4, b0, c40)
      c41 = multiplyAdd(x4, b1, c41)
      a4 += depthStride
      let x5 = SIMD8<Float>(repeating: a5.pointee)
      c50 = multiplyAdd(x5, b0, c50)
      c51 = multiplyAdd(x5, b1, c51)
      a5 += depthStride
    }
    product.add(c00, 0, first + 0)
    product.add(c01, 0, first + 8)
    product.add(c10, 1, first + 0)
    product.add(c11, 1, first + 8)
    product.add(c20, 2, first + 0)
    product.add(c21, 2, first + 8)
    product.add(c30, 3, first + 0)
    product.add(c31, 3, first + 8)
    product.add(c40, 4, first + 0)
    product.add(c41, 4, first + 8)
    product.add(c50, 5, first + 0)
    product.add(c51, 5, first + 8)
  }

  @inline(always)
  private func multiplyAdd(_ a: SIMD8<Float>, _ b: SIMD8<Float>, _ c: SIMD8<Float>) -> SIMD8<Float> {
    #if X86_64_V3 || arch(arm64)
      c.addingProduct(a, b)
    #else
      a * b + c
    #endif
  }

  @inline(always)
  func loadEight(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(always)
  func storeEight(_ values: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: values, as: SIMD8<Float>.self)
  }

  extension PanelProduct {
    @inline(always)
    fileprivate func sum(_ row: Int, _ column: Int) -> SIMD8<Float> {
      loadEight(sums + row * sumsStride + column)
    }

    @inline(always)
    fileprivate func add(_ sum: SIMD8<Float>, _ row: Int, _ column: Int) {
      let more = loadEight(residual + row * residualStride + column)
      storeEight(sum + loadEight(bias + column) + more, output + row * outputStride + column)
    }
  }
#endif
