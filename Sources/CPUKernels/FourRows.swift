/// Four rows that are read in parallel, and four sums in progress: enough independent multiply-adds to hide
/// the latency of one.
///
/// Tuples, not structs, because the metadata of a struct would bring helper functions that the three builds
/// of this folder share by name.
typealias FourRows = (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)
typealias FourVectors = (Vector, Vector, Vector, Vector)

/// Rows `first..<first + count` of a matrix. Beyond the last row, the last row is repeated.
@inline(always)
func fourRows(_ base: UnsafePointer<Float>, _ stride: Int, _ first: Int, _ count: Int) -> FourRows {
  let last = first + count - 1
  return (
    base + first * stride, base + min(first + 1, last) * stride, base + min(first + 2, last) * stride,
    base + min(first + 3, last) * stride
  )
}

/// The rows of keys `first..<first + count` of a sequence. Beyond the last key, the last one is repeated.
///
/// - Parameter keyRows: the row of each key; nil if rows and keys have the same order.
@inline(always)
func fourKeys(
  _ base: UnsafePointer<Float>, _ stride: Int, _ keyRows: UnsafePointer<Int32>?, _ first: Int, _ count: Int
) -> FourRows {
  guard let keyRows else { return fourRows(base, stride, first, count) }
  let last = first + count - 1
  return (
    base + Int(keyRows[first]) * stride, base + Int(keyRows[min(first + 1, last)]) * stride,
    base + Int(keyRows[min(first + 2, last)]) * stride, base + Int(keyRows[min(first + 3, last)]) * stride
  )
}

@inline(always)
func fourZeros() -> FourVectors {
  let zero = Vector(repeating: 0)
  return (zero, zero, zero, zero)
}

/// Adds element `i` of each row, times `v`, to the sum of that row.
@inline(always)
func accumulate(_ sums: inout FourVectors, _ rows: FourRows, _ i: Int, _ v: Vector) {
  sums.0 = multiplyAdd(rows.0[i], v, sums.0)
  sums.1 = multiplyAdd(rows.1[i], v, sums.1)
  sums.2 = multiplyAdd(rows.2[i], v, sums.2)
  sums.3 = multiplyAdd(rows.3[i], v, sums.3)
}

/// Like ``accumulate(_:_:_:_:)``, but only for the rows from `first` on, which is 1, 2 or 3.
@inline(always)
func accumulate(_ sums: inout FourVectors, _ rows: FourRows, _ i: Int, _ v: Vector, from first: Int) {
  if first <= 1 { sums.1 = multiplyAdd(rows.1[i], v, sums.1) }
  if first <= 2 { sums.2 = multiplyAdd(rows.2[i], v, sums.2) }
  sums.3 = multiplyAdd(rows.3[i], v, sums.3)
}

/// Like ``accumulate(_:_:_:_:)``, but only for the first `count` rows, which are 1, 2 or 3.
@inline(always)
func accumulate(_ sums: inout FourVectors, _ rows: FourRows, _ i: Int, _ v: Vector, upTo count: Int) {
  sums.0 = multiplyAdd(rows.0[i], v, sums.0)
  if count > 1 { sums.1 = multiplyAdd(rows.1[i], v, sums.1) }
  if count > 2 { sums.2 = multiplyAdd(rows.2[i], v, sums.2) }
}

/// Like ``accumulate(_:_:_:_:)``, but only for the rows from `first` on and below `end`.
@inline(always)
func accumulate(
  _ sums: inout FourVectors, _ rows: FourRows, _ i: Int, _ v: Vector, from first: Int, upTo end: Int
) {
  if first <= 0, end > 0 { sums.0 = multiplyAdd(rows.0[i], v, sums.0) }
  if first <= 1, end > 1 { sums.1 = multiplyAdd(rows.1[i], v, sums.1) }
  if first <= 2, end > 2 { sums.2 = multiplyAdd(rows.2[i], v, sums.2) }
  if first <= 3, end > 3 { sums.3 = multiplyAdd(rows.3[i], v, sums.3) }
}

/// Computes `Σ_i x[i]·columns[i, 0..<16]` for four rows x.
@inline(always)
func dotColumns(
  _ x: FourRows, _ count: Int, _ columns: UnsafePointer<Float>, _ stride: Int
) -> FourVectors {
  var sums = fourZeros()
  for i in 0..<count { accumulate(&sums, x, i, load(columns + i * stride)) }
  return sums
}

/// Stores the first `count` of four vectors, `stride` apart, with at most `columns` lanes each.
@inline(always)
func storeFour(
  _ vectors: FourVectors, _ to: UnsafeMutablePointer<Float>, _ stride: Int, _ count: Int = 4,
  _ columns: Int = vectorWidth
) {
  store(vectors.0, to, columns)
  if count > 1 { store(vectors.1, to + stride, columns) }
  if count > 2 { store(vectors.2, to + 2 * stride, columns) }
  if count > 3 { store(vectors.3, to + 3 * stride, columns) }
}

/// Loads four vectors, `stride` apart.
@inline(always)
func loadFour(_ from: UnsafePointer<Float>, _ stride: Int) -> FourVectors {
  (load(from), load(from + stride), load(from + 2 * stride), load(from + 3 * stride))
}

/// Loads the first `count` of four rows, repeating the last one, with at most `columns` lanes each.
@inline(always)
func loadFour(_ from: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ columns: Int) -> FourVectors {
  let rows = fourRows(from, stride, 0, count)
  return (load(rows.0, columns), load(rows.1, columns), load(rows.2, columns), load(rows.3, columns))
}
