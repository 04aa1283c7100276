/// Transposes [rows, columns] to [columns, stride]. Columns of the target from `rows` up to `width`, a
/// multiple of four, repeat the last row.
///
/// It works on blocks of 4 × 4 in registers. A plain loop would compile to scatters, which are slow.
@inline(always)
func transpose(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
  _ target: UnsafeMutablePointer<Float>, _ stride: Int, width: Int
) {
  var row = 0
  while row < width {
    let first = row < rows ? row : rows - 1
    let from = fourRows(source, sourceStride, first, rows - first)
    let to = target + row
    var column = 0
    while column + 4 <= columns {
      let (a, b) = (loadQuad(from.0 + column), loadQuad(from.1 + column))
      let (c, d) = (loadQuad(from.2 + column), loadQuad(from.3 + column))
      storeQuad(SIMD4(a[0], b[0], c[0], d[0]), to + column * stride)
      storeQuad(SIMD4(a[1], b[1], c[1], d[1]), to + (column + 1) * stride)
      storeQuad(SIMD4(a[2], b[2], c[2], d[2]), to + (column + 2) * stride)
      storeQuad(SIMD4(a[3], b[3], c[3], d[3]), to + (column + 3) * stride)
      column += 4
    }
    while column < columns {
      storeQuad(
        SIMD4(from.0[column], from.1[column], from.2[column], from.3[column]), to + column * stride)
      column += 1
    }
    row += 4
  }
}

@inline(always)
private func loadQuad(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
  UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(always)
private func storeQuad(_ vector: SIMD4<Float>, _ pointer: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: SIMD4<Float>.self)
}
