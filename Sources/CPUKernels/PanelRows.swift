import CPUKernelTable
import CPrefetch

/// The rows of a panel as a register tile takes them: packed, or where they lie in B and packed on the way. A row that is loaded for a
/// product is stored at no cost beside its multiply-adds. A tuple, because structures bring symbols that the builds share by name (docs/cpu-variants.md).
///
/// - Parameters:
///   - next: the first column of the next row.
///   - stride: the distance between two rows.
///   - packed: where the next row is packed; nil if the panel is packed already.
typealias PanelRows = (next: UnsafePointer<Float>, stride: Int, packed: UnsafeMutablePointer<Float>?)

/// The rows of a packed panel, from a column on.
@inline(always)
func panelRows(of panel: UnsafePointer<Float>, from column: Int = 0) -> PanelRows {
  (panel + column, 2 * vectorWidth, nil)
}

/// Rows of B whose elements are adjacent, from a column on.
@inline(always)
func panelRows(
  of source: PanelSource, packing packed: UnsafeMutablePointer<Float>, from column: Int = 0
) -> PanelRows {
  (source.source + column, source.depthStride, packed + column)
}

#if X86_64_V4
  /// 32 columns of the next row.
  @inline(always)
  func nextRow(_ rows: inout PanelRows) -> (Vector, Vector) {
    let row = (load(rows.next), load(rows.next + vectorWidth))
    if let to = rows.packed {
      prefetchLine(rows.next + rowsAhead * rows.stride)
      prefetchLine(rows.next + rowsAhead * rows.stride + vectorWidth)
      store(row.0, to)
      store(row.1, to + vectorWidth)
      rows.packed = to + 2 * vectorWidth
    }
    rows.next += rows.stride
    return row
  }
#else
  /// 16 columns of the next row.
  @inline(always)
  func nextRow(_ rows: inout PanelRows) -> (SIMD8<Float>, SIMD8<Float>) {
    let row = (loadEight(rows.next), loadEight(rows.next + 8))
    if let to = rows.packed {
      prefetchLine(rows.next + rowsAhead * rows.stride)
      storeEight(row.0, to)
      storeEight(row.1, to + 8)
      rows.packed = to + 2 * vectorWidth
    }
    rows.next += rows.stride
    return row
  }
#endif

/// Fetches the elements of A that are multiplied some rows of the panel later, for tiles whose rows are adjacent in memory: there each row of the
/// panel has lines of its own, which may be too far apart for the processor to foresee them.
///
/// - Parameters:
///   - place: the elements that are multiplied next.
///   - count: the number of them. Of six only the first line is fetched, which holds them all most of the time.
///   - stride: the distance between the elements of two rows of the panel.
@inline(always)
func fetchAhead(_ place: UnsafePointer<Float>, _ count: Int, _ stride: Int) {
  prefetchLine(place + rowsAhead * stride)
  if count > 8 { prefetchLine(place + rowsAhead * stride + count - 1) }
}
