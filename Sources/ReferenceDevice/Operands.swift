import Compute

/// A matrix or parameter as an operation reads it: the elements at the time when the operation began.
struct Reading {
  let values: [Double]
  let offset: Int
  let modelStride: Int
  let stride: Int

  /// An element of a matrix.
  subscript(row: Int, column: Int) -> Double { values[offset + row * stride + column] }

  /// An element of one model's tensor.
  subscript(model model: Int, row: Int, column: Int) -> Double {
    values[offset + model * modelStride + row * stride + column]
  }
}

/// A matrix or parameter as an operation writes it.
struct Writing {
  let buffer: ReferenceBuffer
  let offset: Int
  let modelStride: Int
  let stride: Int

  subscript(row: Int, column: Int) -> Double {
    get { buffer.values[offset + row * stride + column] }
    nonmutating set { buffer.values[offset + row * stride + column] = newValue }
  }

  subscript(model model: Int, row: Int, column: Int) -> Double {
    get { buffer.values[offset + model * modelStride + row * stride + column] }
    nonmutating set { buffer.values[offset + model * modelStride + row * stride + column] = newValue }
  }
}

extension ReferenceDevice {
  func reading(_ matrix: Matrix, in operation: String) throws -> Reading {
    let buffer = try resolve(matrix.buffer, .float32, in: operation)
    return Reading(values: buffer.values, offset: matrix.offset, modelStride: 0, stride: matrix.stride)
  }

  func reading(_ parameter: Parameter, in operation: String) throws -> Reading {
    let buffer = try resolve(parameter.buffer, .float32, in: operation)
    return Reading(
      values: buffer.values, offset: parameter.offset, modelStride: parameter.modelStride,
      stride: parameter.stride)
  }

  func writing(_ matrix: Matrix, in operation: String) throws -> Writing {
    let buffer = try resolve(matrix.buffer, .float32, in: operation)
    return Writing(buffer: buffer, offset: matrix.offset, modelStride: 0, stride: matrix.stride)
  }

  func writing(_ parameter: Parameter, in operation: String) throws -> Writing {
    let buffer = try resolve(parameter.buffer, .float32, in: operation)
    return Writing(
      buffer: buffer, offset: parameter.offset, modelStride: parameter.modelStride, stride: parameter.stride)
  }

  func integers(_ buffer: any Buffer, in operation: String) throws -> [Int] {
    try resolve(buffer, .int32, in: operation).integers
  }

  /// Throws unless the indices of `places` are rows of a table of `rows`. Called before anything is written.
  func check(
    _ indices: [Int], _ places: Range<Int>, below rows: Int, _ index: String, in operation: String
  ) throws {
    for place in places where indices[place] < 0 || indices[place] >= rows {
      throw ComputeError.invalid(
        operation, "\(index) \(indices[place]) at \(place) lies outside a table of \(rows) rows")
    }
  }

  /// The same check for the rows of all groups.
  func check(
    _ indices: [Int], _ groups: RowGroups, below rows: Int, _ index: String, in operation: String
  ) throws {
    for group in groups.models { try check(indices, group.rows, below: rows, index, in: operation) }
  }
}

extension RowGroup {
  var rows: Range<Int> { firstRow..<firstRow + count }
}
