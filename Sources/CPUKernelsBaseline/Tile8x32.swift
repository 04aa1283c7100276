import CPUKernelTable

#if X86_64_V4
  /// Rows of a register tile. 8 × 32 sums are 16 of the 32 registers of AVX-512; two vectors of B and the
  /// broadcast of A take three more, and 16 independent sums hide the latency of the multiply-add.
  let tileRows = 8

  /// `sums[i, :] += Σ_k a[i·rowStride + k·depthStride]·panel[k, :]` for `rows` ≤ 8 rows; the others are garbage.
  @inline(always)
  func multiplyTile(
    _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int, _ rows: Int,
    _ panel: UnsafePointer<Float>, _ depth: Int, _ sums: TileSums
  ) {
    // Rows that are not there read the last one that is.
    let last = rows - 1
    var a0 = a
    var a1 = a + min(1, last) * rowStride
    var a2 = a + min(2, last) * rowStride
    var a3 = a + min(3, last) * rowStride
    var a4 = a + min(4, last) * rowStride
    var a5 = a + min(5, last) * rowStride
    var a6 = a + min(6, last) * rowStride
    var a7 = a + min(7, last) * rowStride
    var b = panel
    var (c00, c01) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c10, c11) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c20, c21) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c30, c31) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c40, c41) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c50, c51) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c60, c61) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c70, c71) = (Vector(repeating: 0), Vector(repeating: 0))
    for _ in 0..<depth {
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
    sums.add(c00, 0, 0)
    sums.add(c01, 0, vectorWidth)
    sums.add(c10, 1, 0)
    sums.add(c11, 1, vectorWidth)
    sums.add(c20, 2, 0)
    sums.add(c21, 2, vectorWidth)
    sums.add(c30, 3, 0)
    sums.add(c31, 3, vectorWidth)
    sums.add(c40, 4, 0)
    sums.add(c41, 4, vectorWidth)
    sums.add(c50, 5, 0)
    sums.add(c51, 5, vectorWidth)
    sums.add(c60, 6, 0)
    sums.add(c61, 6, vectorWidth)
    sums.add(c70, 7, 0)
    sums.add(c71, 7, vectorWidth)
  }

  /// The same for the first 16 columns alone: where a matrix ends, half the work.
  @inline(never)
  func multiplyHalfTile(
    _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int, _ rows: Int,
    _ panel: UnsafePointer<Float>, _ depth: Int, _ sums: TileSums
  ) {
    let last = rows - 1
    var a0 = a
    var a1 = a + min(1, last) * rowStride
    var a2 = a + min(2, last) * rowStride
    var a3 = a + min(3, last) * rowStride
    var a4 = a + min(4, last) * rowStride
    var a5 = a + min(5, last) * rowStride
    var a6 = a + min(6, last) * rowStride
    var a7 = a + min(7, last) * rowStride
    var b = panel
    var (c0, c1) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c2, c3) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c4, c5) = (Vector(repeating: 0), Vector(repeating: 0))
    var (c6, c7) = (Vector(repeating: 0), Vector(repeating: 0))
    for _ in 0..<depth {
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
    sums.add(c0, 0, 0)
    sums.add(c1, 1, 0)
    sums.add(c2, 2, 0)
    sums.add(c3, 3, 0)
    sums.add(c4, 4, 0)
    sums.add(c5, 5, 0)
    sums.add(c6, 6, 0)
    sums.add(c7, 7, 0)
  }
#endif
