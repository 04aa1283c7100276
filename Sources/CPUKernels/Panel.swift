import CPUKernelTable

extension VariantKernels {
  /// Copies a panel of B into [depth, 32]. Columns beyond the matrix hold arbitrary values; nothing reads
  /// them. If the columns of B are adjacent, rows are copied; if its depth is, the panel is transposed.
  package static func packPanel(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
    let width = KernelSizes.panelWidth
    if source.columnStride == 1 { return packRows(source, output) }
    // B is stored transposed: its columns are rows of the source.
    transpose(
      source.source, source.columnStride, source.columns, source.depth, output, width, width: width)
  }
}

/// Copies whole vectors even if the panel is narrow, including elements beyond it. The last rows are copied
/// element by element, because the memory after them may not belong to the buffer.
private func packRows(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
  let width = KernelSizes.panelWidth
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
