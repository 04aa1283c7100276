import CPUKernelTable

// The GELU epilogues of a tile, for two rows of 32 columns at a time. Tiles have an even number of rows.

/// Stores GELU(x), and also x if a backward needs it.
@inline(always)
func storeGELU(_ x: FourVectors, _ row: Int, _ product: PanelProduct) {
  if let pre = product.preActivation { storeTwoRows(x, pre, row, product.preActivationStride) }
  storeTwoRows(gelu(x), product.output, row, product.outputStride)
}

/// Multiplies the stored sums of a tile by GELU′ of the GELU's argument. It is a separate function, because
/// the compiler stops inlining within large functions.
@inline(never)
func multiplyByGELUDerivative(_ product: PanelProduct, of input: UnsafePointer<Float>) {
  for row in stride(from: 0, to: tileRows, by: 2) {
    let slope = geluDerivative(loadTwoRows(input, row, product.geluInputStride))
    let x = loadTwoRows(product.output, row, product.outputStride)
    storeTwoRows(
      (x.0 * slope.0, x.1 * slope.1, x.2 * slope.2, x.3 * slope.3), product.output, row, product.outputStride)
  }
}

@inline(always)
func loadTwoRows(_ from: UnsafePointer<Float>, _ row: Int, _ stride: Int) -> FourVectors {
  let (upper, lower) = (from + row * stride, from + (row + 1) * stride)
  return (load(upper), load(upper + vectorWidth), load(lower), load(lower + vectorWidth))
}

@inline(always)
private func storeTwoRows(_ x: FourVectors, _ to: UnsafeMutablePointer<Float>, _ row: Int, _ stride: Int) {
  let (upper, lower) = (to + row * stride, to + (row + 1) * stride)
  store(x.0, upper)
  store(x.1, upper + vectorWidth)
  store(x.2, lower)
  store(x.3, lower + vectorWidth)
}
