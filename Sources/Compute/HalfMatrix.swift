import HalfPrecision

/// Rows of numbers in half precision: element (r, c) is number `offset + r·stride + c` of the buffer.
package struct HalfMatrix {
  /// int32: two numbers in each element, the first in its lower half.
  package var words: any Buffer
  package var format: HalfFormat
  package var offset: Int
  package var columns: Int
  package var stride: Int

  package init(
    _ words: any Buffer, _ format: HalfFormat, columns: Int, offset: Int = 0, stride: Int? = nil
  ) {
    self.words = words
    self.format = format
    self.columns = columns
    self.offset = offset
    self.stride = stride ?? columns
  }

  /// Throws unless rows `0..<rows` lie inside the buffer.
  func check(_ name: String, rows: Int, in operation: String) throws {
    guard words.elementType == .int32 else {
      throw ComputeError.invalid(
        operation, "\(name) holds \(words.elementType), expected int32 with two numbers each")
    }
    let numbers = 2 * words.count
    guard columns > 0, stride >= columns, offset >= 0, rows >= 0,
      rows == 0 || endOfRows(offset: offset, rows: rows, stride: stride, columns: columns) <= numbers
    else {
      throw ComputeError.invalid(
        operation,
        "\(name) needs \(rows) rows of \(columns) (stride \(stride), offset \(offset)) but its buffer holds \(numbers) numbers"
      )
    }
  }
}
