/// [rows, columns] to [columns, stride]: rows of the source become columns of the target, zeros in the
/// columns from `rows` up to `width`.
///
/// In blocks of 4 × 4 through registers: left to itself the compiler writes scatters, which are slow.
@inline(always)
func transpose(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
  _ target: UnsafeMutablePointer<Float>, _ stride: Int, width: Int
) {
  var row = 0
  while row < rows {
    let count = min(4, rows - row)
    let from = fourRows(source, sourceStride, row, count)
    let to = target + row
    var column = 0
    if row + 4 <= width {
      // Rows that are not there read the last one; what they leave is overwritten below.
      while column + 4 <= columns {
        let (a, b) = (loadQuad(from.0 + column), loadQuad(from.1 + column))
        let (c, d) = (loadQuad(from.2 + column), loadQuad(from.3 + column))
        storeQuad(SIMD4(a[0], b[0], c[0], d[0]), to + column * stride)
        storeQuad(SIMD4(a[1], b[1], c[1], d[1]), to + (column + 1) * stride)
        storeQuad(SIMD4(a[2], b[2], c[2], d[2]), to + (column + 2) * stride)
        storeQuad(SIMD4(a[3], b[3], c[3], d[3]), to + (column + 3) * stride)
        column += 4
      }
    }
    while column < columns {
      to[column * stride] = from.0[column]
      if count > 1 { to[column * stride + 1] = from.1[column] }
      if count > 2 { to[column * stride + 2] = from.2[column] }
      if count > 3 { to[column * stride + 3] = from.3[column] }
      column += 1
    }
    row += 4
  }
  for column in 0..<columns {
    var row = rows
    while row < width {
      target[column * stride + row] = 0
      row += 1
    }
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
