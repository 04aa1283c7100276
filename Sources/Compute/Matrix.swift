/// Rows of activations: element (r, c) is `buffer[offset + r·stride + c]`.
///
/// The rows are those of a packed batch, numbered through all sequences of all models. For example, the keys
/// in a matrix of queries, keys and values:
///
///     let qkv = Matrix(buffer, columns: 3 * width)
///     let keys = qkv.columns(width..<2 * width)
package struct Matrix {
  package var buffer: any Buffer
  package var offset: Int
  package var columns: Int
  package var stride: Int

  package init(_ buffer: any Buffer, columns: Int, offset: Int = 0, stride: Int? = nil) {
    self.buffer = buffer
    self.offset = offset
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// The same rows with only the columns `range`.
  package func columns(_ range: Range<Int>) -> Matrix {
    Matrix(buffer, columns: range.count, offset: offset + range.lowerBound, stride: stride)
  }

  /// Throws unless rows `0..<rows` lie inside the buffer.
  func check(_ name: String, rows: Int, columns expected: Int? = nil, in operation: String) throws {
    guard buffer.elementType == .float32 else {
      throw ComputeError.invalid(operation, "\(name) holds \(buffer.elementType), expected float32")
    }
    if let expected, expected != columns {
      throw ComputeError.invalid(operation, "\(name) has \(columns) columns, expected \(expected)")
    }
    guard columns > 0, stride >= columns, offset >= 0, rows >= 0,
      rows == 0 || endOfRows(offset: offset, rows: rows, stride: stride, columns: columns) <= buffer.count
    else {
      throw ComputeError.invalid(
        operation,
        "\(name) needs \(rows) rows of \(columns) (stride \(stride), offset \(offset)) but its buffer holds \(buffer.count)"
      )
    }
  }
}
