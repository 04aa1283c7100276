#if X86_64_V4
  /// Rows of a register tile. 8 × 32 sums are 16 of the 32 registers of AVX-512; two vectors of B and the
  /// broadcast of A take three more, and 16 independent sums hide the latency of the multiply-add.
  let tileRows = 8

  /// `tile[i, :] = Σ_k a[i·rowStride + k·depthStride]·panel[k, :]` for `rows` ≤ 8 rows; the others are garbage.
  @inline(always)
  func multiplyTile(
    _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int, _ rows: Int,
    _ panel: UnsafePointer<Float>, _ depth: Int, _ tile: UnsafeMutablePointer<Float>
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
    store(c00, tile + 0)
    store(c01, tile + 16)
    store(c10, tile + 32)
    store(c11, tile + 48)
    store(c20, tile + 64)
    store(c21, tile + 80)
    store(c30, tile + 96)
    store(c31, tile + 112)
    store(c40, tile + 128)
    store(c41, tile + 144)
    store(c50, tile + 160)
    store(c51, tile + 176)
    store(c60, tile + 192)
    store(c61, tile + 208)
    store(c70, tile + 224)
    store(c71, tile + 240)
  }

  /// The same for the first 16 columns alone: where a matrix ends, half the work.
  @inline(never)
  func multiplyHalfTile(
    _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int, _ rows: Int,
    _ panel: UnsafePointer<Float>, _ depth: Int, _ tile: UnsafeMutablePointer<Float>
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
    store(c0, tile + 0)
    store(c1, tile + 32)
    store(c2, tile + 64)
    store(c3, tile + 96)
    store(c4, tile + 128)
    store(c5, tile + 160)
    store(c6, tile + 192)
    store(c7, tile + 224)
  }
#endif
