import CPUKernelTable

#if X86_64_V4
  /// The number of rows in a register tile. 8 × 32 sums take 16 of the 32 registers of AVX-512. Two vectors
  /// of B and the broadcast of A take three more. Sixteen independent sums hide the latency of the
  /// multiply-add.
  let tileRows = 8

  /// Computes the first `rows` ≤ 8 rows of a product, with all 32 columns. Rows beyond `rows` are arbitrary.
  /// A GELU takes the sums from their registers, because reading them from memory would wait for the stores.
  @inline(always)
  func multiplyTile(_ product: PanelProduct, _ rows: Int) {
    // Beyond the last row, the last row is read again.
    let last = rows - 1
    let (rowStride, depthStride) = (product.aRowStride, product.aDepthStride)
    var a0 = product.a
    var a1 = a0 + min(1, last) * rowStride
    var a2 = a0 + min(2, last) * rowStride
    var a3 = a0 + min(3, last) * rowStride
    var a4 = a0 + min(4, last) * rowStride
    var a5 = a0 + min(5, last) * rowStride
    var a6 = a0 + min(6, last) * rowStride
    var a7 = a0 + min(7, last) * rowStride
    var b = product.panel
    var (c00, c01) = (product.sum(0, 0), product.sum(0, vectorWidth))
    var (c10, c11) = (product.sum(1, 0), product.sum(1, vectorWidth))
    var (c20, c21) = (product.sum(2, 0), product.sum(2, vectorWidth))
    var (c30, c31) = (product.sum(3, 0), product.sum(3, vectorWidth))
    var (c40, c41) = (product.sum(4, 0), product.sum(4, vectorWidth))
    var (c50, c51) = (product.sum(5, 0), product.sum(5, vectorWidth))
    var (c60, c61) = (product.sum(6, 0), product.sum(6, vectorWidth))
    var (c70, c71) = (product.sum(7, 0), product.sum(7, vectorWidth))
    for _ in 0..<product.depth {
      let (b0, b1) = (load(b), load(b + vectorWidth))
      b += 2 * vectorWidth
      let x0 = Vector(repeating: a0.pointee)
      c00 = multiplyAdd(x0, b0, c00)
      c01 = multiplyAdd(x0, b1, c01)
      a0 += depthStride
      let x1 = Vector(repeating: a1.pointee)
      c10 = multiplyAdd(x1, b0, c10)
      c11 = multiplyAdd(x1, b1, c11)
      a1 += depthStride
      let x2 = Vector(repeating: a2.pointee)
      c20 = multiplyAdd(x2, b0, c20)
      c21 = multiplyAdd(x2, b1, c21)
      a2 += depthStride
      let x3 = Vector(repeating: a3.pointee)
      c30 = multiplyAdd(x3, b0, c30)
      c31 = multiplyAdd(x3, b1, c31)
      a3 += depthStride
      let x4 = Vector(repeating: a4.pointee)
      c40 = multiplyAdd(x4, b0, c40)
      c41 = multiplyAdd(x4, b1, c41)
      a4 += depthStride
      let x5 = Vector(repeating: a5.pointee)
      c50 = multiplyAdd(x5, b0, c50)
      c51 = multiplyAdd(x5, b1, c51)
      a5 += depthStride
      let x6 = Vector(repeating: a6.pointee)
      c60 = multiplyAdd(x6, b0, c60)
      c61 = multiplyAdd(x6, b1, c61)
      a6 += depthStride
      let x7 = Vector(repeating: a7.pointee)
      c70 = multiplyAdd(x7, b0, c70)
      c71 = multiplyAdd(x7, b1, c71)
      a7 += depthStride
    }
    if product.appliesGELU {
      let (bias0, bias1) = (load(product.bias), load(product.bias + vectorWidth))
      storeGELU((c00 + bias0, c01 + bias1, c10 + bias0, c11 + bias1), 0, product)
      storeGELU((c20 + bias0, c21 + bias1, c30 + bias0, c31 + bias1), 2, product)
      storeGELU((c40 + bias0, c41 + bias1, c50 + bias0, c51 + bias1), 4, product)
      storeGELU((c60 + bias0, c61 + bias1, c70 + bias0, c71 + bias1), 6, product)
      return
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
    if let input = product.geluInput { multiplyByGELUDerivative(product, of: input) }
  }

  /// Does the same for the first 16 columns only, which halves the work at the end of a matrix.
  @inline(never)
  func multiplyHalfTile(_ product: PanelProduct, _ rows: Int) {
    let last = rows - 1
    let (rowStride, depthStride) = (product.aRowStride, product.aDepthStride)
    var a0 = product.a
    var a1 = a0 + min(1, last) * rowStride
    var a2 = a0 + min(2, last) * rowStride
    var a3 = a0 + min(3, last) * rowStride
    var a4 = a0 + min(4, last) * rowStride
    var a5 = a0 + min(5, last) * rowStride
    var a6 = a0 + min(6, last) * rowStride
    var a7 = a0 + min(7, last) * rowStride
    var b = product.panel
    var (c0, c1) = (product.sum(0, 0), product.sum(1, 0))
    var (c2, c3) = (product.sum(2, 0), product.sum(3, 0))
    var (c4, c5) = (product.sum(4, 0), product.sum(5, 0))
    var (c6, c7) = (product.sum(6, 0), product.sum(7, 0))
    for _ in 0..<product.depth {
      let row = load(b)
      b += 2 * vectorWidth
      c0 = multiplyAdd(a0.pointee, row, c0)
      a0 += depthStride
      c1 = multiplyAdd(a1.pointee, row, c1)
      a1 += depthStride
      c2 = multiplyAdd(a2.pointee, row, c2)
      a2 += depthStride
      c3 = multiplyAdd(a3.pointee, row, c3)
      a3 += depthStride
      c4 = multiplyAdd(a4.pointee, row, c4)
      a4 += depthStride
      c5 = multiplyAdd(a5.pointee, row, c5)
      a5 += depthStride
      c6 = multiplyAdd(a6.pointee, row, c6)
      a6 += depthStride
      c7 = multiplyAdd(a7.pointee, row, c7)
      a7 += depthStride
    }
    product.add(c0, 0, 0)
    product.add(c1, 1, 0)
    product.add(c2, 2, 0)
    product.add(c3, 3, 0)
    product.add(c4, 4, 0)
    product.add(c5, 5, 0)
    product.add(c6, 6, 0)
    product.add(c7, 7, 0)
  }

  extension PanelProduct {
    /// What a vector of sums begins with.
    @inline(always)
    func sum(_ row: Int, _ column: Int) -> Vector { load(sums + row * sumsStride + column) }

    /// Stores a vector of sums with bias and residual.
    @inline(always)
    func add(_ sum: Vector, _ row: Int, _ column: Int) {
      let more = load(residual + row * residualStride + column)
      store(sum + load(bias + column) + more, output + row * outputStride + column)
    }
  }
#endif
