import CPUKernelTable

/// Copies a panel of B into [depth, 32], columns that are not there filled with what may be anything and nobody reads: rows
/// where columns lie together, a transposition where the depth does.
func packPanel(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
  let width = CPUKernelTable.panelWidth
  if source.columnStride == 1 { return packRows(source, output) }
  // B is stored transposed: its columns are rows of the source.
  transpose(
    source.source, source.columnStride, source.columns, source.depth, output, width, width: width)
}

/// A narrow panel's rows are read whole as well, with what lies behind them, but for the last, which nothing may lie behind.
private func packRows(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
  let width = CPUKernelTable.panelWidth
  let missing = width - source.columns
  let parts = missing == 0 ? 0 : min(source.depth, (missing + source.depthStride - 1) / source.depthStride)
  var (from, to) = (source.source, output)
  for _ in parts..<source.depth {
    store(load(from), to)
    store(load(from + vectorWidth), to + vectorWidth)
    from += source.depthStride
    to += width
  }
  for _ in 0..<parts {
    for column in 0..<source.columns { to[column] = from[column] }
    from += source.depthStride
    to += width
  }
}
