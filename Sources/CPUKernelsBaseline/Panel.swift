import CPUKernelTable

/// Copies a panel of B into [depth, 32], zero-padded: rows where columns lie together, a transposition
/// where the depth does.
func packPanel(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
  let width = CPUKernelTable.panelWidth
  if source.columnStride == 1 {
    var (from, to) = (source.source, output)
    if source.columns == width {
      for _ in 0..<source.depth {
        store(load(from), to)
        store(load(from + vectorWidth), to + vectorWidth)
        from += source.depthStride
        to += width
      }
    } else {
      let low = min(source.columns, vectorWidth)
      let high = max(source.columns - vectorWidth, 0)
      for _ in 0..<source.depth {
        store(load(from, low), to)
        store(high > 0 ? load(from + vectorWidth, high) : Vector(repeating: 0), to + vectorWidth)
        from += source.depthStride
        to += width
      }
    }
    return
  }
  // B is stored transposed. Four depths a pass: a cache line of the source is read in few passes while
  // the writes stay in the first-level cache.
  for column in 0..<width {
    let to = output + column
    guard column < source.columns else {
      for k in 0..<source.depth { to[k * width] = 0 }
      continue
    }
    let from = source.source + column * source.columnStride
    var k = 0
    while k + 4 <= source.depth {
      to[k * width] = from[k]
      to[(k + 1) * width] = from[k + 1]
      to[(k + 2) * width] = from[k + 2]
      to[(k + 3) * width] = from[k + 3]
      k += 4
    }
    while k < source.depth {
      to[k * width] = from[k]
      k += 1
    }
  }
}
