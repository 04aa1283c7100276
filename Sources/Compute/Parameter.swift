/// One tensor of every model of an ensemble: element (r, c) of model m is
/// `buffer[offset + m·modelStride + r·stride + c]`. A vector has one row.
package struct Parameter {
  package var buffer: any Buffer
  package var offset: Int
  /// The number of elements from one model's tensor to the next model's: the size of a model's flat
  /// parameters.
  package var modelStride: Int
  package var rows: Int
  package var columns: Int
  package var stride: Int

  package init(
    _ buffer: any Buffer, rows: Int, columns: Int, offset: Int = 0, modelStride: Int = 0, stride: Int? = nil
  ) {
    self.buffer = buffer
    self.offset = offset
    self.modelStride = modelStride
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }

  /// The same tensor with only the columns `range` of every row.
  package func columns(_ range: Range<Int>) -> Parameter {
    Parameter(
      buffer, rows: rows, columns: range.count, offset: offset + range.lowerBound,
      modelStride: modelStride, stride: stride)
  }

  /// The same tensor with only the rows `range`.
  package func rows(_ range: Range<Int>) -> Parameter {
    Parameter(
      buffer, rows: range.count, columns: columns, offset: offset + range.lowerBound * stride,
      modelStride: modelStride, stride: stride)
  }

  /// Where the tensors are in their buffer.
  package var place: TensorPlace {
    TensorPlace(
      offset: offset, modelStride: modelStride, rows: rows, columns: columns, stride: stride)
  }

  /// Throws unless the tensors of models `0..<models` lie inside the buffer.
  func check(_ name: String, models: Int, rows: Int, columns: Int, in operation: String) throws {
    guard buffer.elementType == .float32 else {
      throw ComputeError.invalid(operation, "\(name) holds \(buffer.elementType), expected float32")
    }
    guard self.rows == rows, self.columns == columns else {
      throw ComputeError.invalid(
        operation, "\(name) is \(self.rows)×\(self.columns), expected \(rows)×\(columns)")
    }
    let end = endOfRows(
      offset: offset, models: models, modelStride: modelStride, rows: rows, stride: stride, columns: columns)
    guard rows > 0, columns > 0, stride >= columns, offset >= 0, modelStride >= 0, end <= buffer.count
    else {
      throw ComputeError.invalid(
        operation, "\(name) ends at element \(end) but its buffer holds \(buffer.count)")
    }
  }

  /// Like `check`, for a tensor that is written: models must not share elements.
  func checkOutput(_ name: String, models: Int, rows: Int, columns: Int, in operation: String) throws {
    try check(name, models: models, rows: rows, columns: columns, in: operation)
    try checkApart(name, models: models, in: operation)
  }

  /// Throws if models share elements.
  func checkApart(_ name: String, models: Int, in operation: String) throws {
    let end = endOfRows(offset: 0, rows: rows, stride: stride, columns: columns)
    guard models <= 1 || modelStride >= end else {
      throw ComputeError.invalid(
        operation, "\(name) of \(models) models overlap: they are \(modelStride) elements apart")
    }
  }
}
