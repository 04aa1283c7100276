/// One past the last element of rows that are `stride` apart, in models that are `modelStride` apart;
/// `Int.max`, which no buffer reaches, if the number would overflow. The checks of operands use this function
/// wherever they add and multiply sizes.
func endOfRows(
  offset: Int, models: Int = 1, modelStride: Int = 0, rows: Int, stride: Int, columns: Int
) -> Int {
  let (modelSpan, a) = (models > 1 ? models - 1 : 0).multipliedReportingOverflow(by: modelStride)
  let (rowSpan, b) = (rows > 1 ? rows - 1 : 0).multipliedReportingOverflow(by: stride)
  let (firstRow, c) = offset.addingReportingOverflow(modelSpan)
  let (lastRow, d) = firstRow.addingReportingOverflow(rowSpan)
  let (end, e) = lastRow.addingReportingOverflow(columns)
  return a || b || c || d || e ? .max : end
}

/// Throws unless the elements `offset..<offset + count` lie inside a buffer of elements of this type.
package func checkElements(
  _ offset: Int, _ count: Int, of buffer: any Buffer, _ elementType: ElementType, in operation: String
) throws {
  guard buffer.elementType == elementType else {
    throw ComputeError.invalid(operation, "a buffer of \(buffer.elementType), expected \(elementType)")
  }
  guard offset >= 0, count >= 0, offset <= buffer.count, count <= buffer.count - offset else {
    throw ComputeError.invalid(
      operation, "\(count) elements at \(offset) of a buffer that holds \(buffer.count)")
  }
}

/// Throws unless `range` lies inside a buffer of elements of this type.
package func checkElements(
  _ range: Range<Int>, of buffer: any Buffer, _ elementType: ElementType, in operation: String
) throws {
  // The length of a range that begins below zero may not fit into an integer.
  let count = range.lowerBound < 0 ? -1 : range.count
  try checkElements(range.lowerBound, count, of: buffer, elementType, in: operation)
}

/// The number of bytes that `count` elements take on a device of single precision.
///
/// - Throws: `ComputeError.invalid` for a negative count; `ComputeError.outOfMemory` for more than `limit`
///   bytes.
package func bufferBytes(
  _ count: Int, _ elementType: ElementType, limit: Int, device: String, _ detail: String
) throws -> Int {
  guard count >= 0 else { throw ComputeError.invalid("buffer", "\(count) elements") }
  let (bytes, overflow) = count.multipliedReportingOverflow(by: elementType.byteCount)
  guard !overflow, bytes <= limit else {
    throw ComputeError.outOfMemory(bytes: overflow ? .max : bytes, device: device, detail: detail)
  }
  return bytes
}
