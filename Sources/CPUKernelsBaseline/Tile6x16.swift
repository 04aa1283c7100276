#if !X86_64_V4
  /// Rows of a register tile. 6 × 16 sums are 12 of the 16 registers of AVX2 (24 of the 32 of NEON).
  let tileRows = 6

  /// `tile[i, :] = Σ_k a[i·rowStride + k·depthStride]·panel[k, :]` for `rows` ≤ 6 rows; the others are garbage.
  @inline(always)
  func multiplyTile(
    _ a: UnsafePointer<Float>, _ rowStride: Int, _ depthStride: Int, _ rows: Int,
    _ panel: UnsafePointer<Float>, _ depth: Int, _ tile: UnsafeMutablePointer<Float>
  ) {
    multiplyHalfTile(a, rowStride, depthStride, rows, panel, depth, tile)
    multiplyHalfTile(a, rowStride, depthStride, rows, panel + 16, depth, tile + 16)
  }

  /// The same for the first 16 columns alone.
  @inline(always)
  func multiplyHalfTile(
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
    var b = panel
    var (c00, c01) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    var (c10, c11) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    var (c20, c21) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    var (c30, c31) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    var (c40, c41) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    var (c50, c51) = (SIMD8<Float>(repeating: 0), SIMD8<Float>(repeating: 0))
    for _ in 0..<depth {
      let (b0, b1) = (loadEight(b), loadEight(b + 8))
      b += 32
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
    storeEight(c00, tile + 0)
    storeEight(c01, tile + 8)
    storeEight(c10, tile + 32)
    storeEight(c11, tile + 40)
    storeEight(c20, tile + 64)
    storeEight(c21, tile + 72)
    storeEight(c30, tile + 96)
    storeEight(c31, tile + 104)
    storeEight(c40, tile + 128)
    storeEight(c41, tile + 136)
    storeEight(c50, tile + 160)
    storeEight(c51, tile + 168)
  }

  @inline(always)
  private func loadEight(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(always)
  private func storeEight(_ vector: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD8<Float>.self)
  }

  @inline(always)
  private func multiplyAdd(_ a: SIMD8<Float>, _ b: SIMD8<Float>, _ c: SIMD8<Float>) -> SIMD8<Float> {
    #if X86_64_V3 || arch(arm64)
      c.addingProduct(a, b)
    #else
      a * b + c
    #endif
  }
#endif
