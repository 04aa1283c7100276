import CPUKernelTable

/// Copies a panel of B into [depth, 32], columns that are not there filled with numbers nobody reads: rows where columns
/// lie together, a transposition where the depth does.
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
  // B is stored transposed: its columns are rows of the source.
  transpose(
    source.source, source.columnStride, source.columns, source.depth, output, width, width: width)
}
