import CPUKernelTable
import CPrefetch

extension VariantKernels {
  /// Copies columns of B into panels of [depth, 32]. Columns beyond the matrix hold arbitrary values; nothing
  /// reads them. If the columns of B are adjacent, rows are copied; if its depth is, each panel is transposed.
  package static func packPanels(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
    let width = KernelSizes.panelWidth
    if source.columnStride == 1 { return packRows(source, output) }
    // B is stored transposed: its columns are rows of the source.
    var (rest, to) = (source, output)
    while rest.columns > 0 {
      transpose(
        rest.source, rest.columnStride, min(width, rest.columns), rest.depth, to, width, width: width)
      rest.columns -= width
      rest.source += width * rest.columnStride
      to += rest.panelStride
    }
  }
}

/// How many rows ahead of those that are packed, or multiplied, rows are fetched.
let rowsAhead = 8

/// Reads a row of all panels before the next row, because a run of memory comes faster than pieces of it.
private func packRows(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
  let width = KernelSizes.panelWidth
  let whole = source.columns / width
  var (row, rowOutput) = (source.source, output)
  if whole > 0 {
    for _ in 0..<source.depth {
      var (from, to) = (row, rowOutput)
      for _ in 0..<whole {
        // Rows may be too far apart for the processor to foresee them.
        prefetchLine(from + rowsAhead * source.depthStride)
        prefetchLine(from + rowsAhead * source.depthStride + vectorWidth)
        prefetchLineForWriting(to + rowsAhead * width)
        prefetchLineForWriting(to + rowsAhead * width + vectorWidth)
        store(load(from), to)
        store(load(from + vectorWidth), to + vectorWidth)
        from += width
        to += source.panelStride
      }
      row += source.depthStride
      rowOutput += width
    }
  }
  guard whole * width < source.columns else { return }
  var last = source
  last.source += whole * width
  last.columns -= whole * width
  packNarrowRows(last, output + whole * source.panelStride)
}

/// Packs fewer columns than a panel has. Whole vectors are copied nevertheless, including elements beyond the
/// panel. The last rows are copied element by element, because the memory after them may not belong to the
/// buffer.
private func packNarrowRows(_ source: PanelSource, _ output: UnsafeMutablePointer<Float>) {
  let width = KernelSizes.panelWidth
  let missing = width - source.columns
  let parts = min(source.depth, (missing + source.depthStride - 1) / source.depthStride)
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
