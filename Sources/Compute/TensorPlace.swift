/// Where a ``Parameter`` is in its buffer.
package struct TensorPlace: Equatable {
  package var offset: Int
  package var modelStride: Int
  package var rows: Int
  package var columns: Int
  package var stride: Int

  /// Whether tensors at these places of one buffer, of any models, may have an element in common.
  package func overlaps(_ other: TensorPlace) -> Bool {
    func overlap(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
      first.lowerBound < second.upperBound && second.lowerBound < first.upperBound
    }
    guard modelStride == other.modelStride else { return true }
    let (own, others) = (extent, other.extent)
    // Where a model's tensors leave its own part of the buffer, nothing is known.
    let period = modelStride == 0 ? Int.max : modelStride
    guard own.upperBound <= period, others.upperBound <= period else { return true }
    guard overlap(own, others) else { return false }
    // Columns of one matrix.
    guard stride == other.stride else { return true }
    let (column, otherColumn) = (offset % stride, other.offset % stride)
    guard column + columns <= stride, otherColumn + other.columns <= stride else { return true }
    return overlap(column..<column + columns, otherColumn..<otherColumn + other.columns)
  }

  /// The elements of the first model's tensor, with what lies between its rows.
  private var extent: Range<Int> { offset..<offset + (rows - 1) * stride + columns }
}
