/// A tensor of a file: its name, and where its elements are in the flat parameters.
package struct NamedTensor: Sendable {
  package var name: String
  /// The shape in the file.
  package var shape: [Int]
  var offset: Int
  /// How the tensor's elements, in row-major order, are counted here: the shape, or one that divides its extents further.
  var dimensions: [Int]
  /// Element (i, j, …) of `dimensions` is `parameters[offset + i·strides[0] + j·strides[1] + …]`.
  var strides: [Int]
  /// How often the parameters hold the tensor: several times if heads share it. Its gradient is the sum over the copies.
  var copies = 1
  var copyStride = 0
  /// What the parameters have more than the file, such as the 1 of a gain that the file stores as its distance from 1. The
  /// gradient is the same.
  var shift: Float = 0

  init(name: String, shape: [Int], offset: Int, dimensions: [Int]? = nil, strides: [Int]) {
    self.name = name
    self.shape = shape
    self.offset = offset
    self.dimensions = dimensions ?? shape
    self.strides = strides
  }

  /// The tensor's elements from the gradients of one model's flat parameters or, if it has no shift, from the parameters.
  package func extract(from parameters: [Float]) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(shape.reduce(1, *))
    let (columns, stride) = (dimensions[dimensions.count - 1], strides[strides.count - 1])
    for row in 0..<dimensions.dropLast().reduce(1, *) {
      let start = rowOffset(row)
      for column in 0..<columns {
        var value = parameters[start + column * stride]
        for copy in 1..<max(copies, 1) { value += parameters[start + column * stride + copy * copyStride] }
        values.append(value)
      }
    }
    return values
  }

  /// Copies values into one model's flat parameters.
  ///
  /// - Parameters:
  ///   - values: some of the tensor's elements in row-major order, or all of them.
  ///   - first: the index in the tensor of the first of these elements.
  package func insert(_ values: [Float], from first: Int = 0, into parameters: inout [Float]) {
    let columns = dimensions[dimensions.count - 1]
    // A part of a row, whole rows, a part of a row.
    let begun = min((columns - first % columns) % columns, values.count)
    let wholeRows = (values.count - begun) / columns
    let row = (first + columns - 1) / columns
    insertPart(values[..<begun], from: first, into: &parameters)
    insertRows(values, from: begun, rows: row..<row + wholeRows, into: &parameters)
    let rest = begun + wholeRows * columns
    insertPart(values[rest...], from: first + rest, into: &parameters)
  }

  /// Copies some elements of one row.
  private func insertPart(_ values: ArraySlice<Float>, from first: Int, into parameters: inout [Float]) {
    let (columns, stride) = (dimensions[dimensions.count - 1], strides[strides.count - 1])
    let place = rowOffset(first / columns) + first % columns * stride
    for copy in 0..<copies {
      for (index, value) in values.enumerated() {
        parameters[place + copy * copyStride + index * stride] = value + shift
      }
    }
  }

  /// Copies whole rows, which begin at an index of the values. A matrix that files have transposed is copied in blocks of
  /// sixteen columns: neighbouring rows write to the same cache lines, and a row's numbers are read a line at a time.
  private func insertRows(
    _ values: [Float], from begin: Int, rows: Range<Int>, into parameters: inout [Float]
  ) {
    let (columns, stride) = (dimensions[dimensions.count - 1], strides[strides.count - 1])
    let places = rows.map(rowOffset)
    guard let last = places.max(), let least = places.min() else { return }
    precondition(
      least >= 0 && last + (copies - 1) * copyStride + (columns - 1) * stride < parameters.count,
      "\(name) lies outside the parameters")
    let block = stride == 1 ? columns : 16
    values.withUnsafeBufferPointer { source in
      parameters.withUnsafeMutableBufferPointer { target in
        for copy in 0..<copies {
          for from in Swift.stride(from: 0, to: columns, by: block) {
            let to = min(from + block, columns)
            for (row, place) in places.enumerated() {
              let start = place + copy * copyStride
              for index in from..<to {
                target[start + index * stride] = source[begin + row * columns + index] + shift
              }
            }
          }
        }
      }
    }
  }

  /// The offset of a row, counted in row-major order.
  private func rowOffset(_ row: Int) -> Int {
    var (rest, place) = (row, offset)
    for axis in (0..<dimensions.count - 1).reversed() {
      let (outer, index) = rest.quotientAndRemainder(dividingBy: dimensions[axis])
      place += index * strides[axis]
      rest = outer
    }
    return place
  }
}

extension NamedTensor {
  /// A vector of a model, under a name of a file.
  static func vector(_ name: String, _ tensor: ParameterLayout.Tensor) -> NamedTensor {
    NamedTensor(name: name, shape: [tensor.columns], offset: tensor.offset, strides: [1])
  }

  /// A matrix as the model has it, [in, out].
  static func matrix(_ name: String, _ tensor: ParameterLayout.Tensor) -> NamedTensor {
    NamedTensor(
      name: name, shape: [tensor.rows, tensor.columns], offset: tensor.offset, strides: [tensor.columns, 1])
  }

  /// Some columns of a matrix, which the file has as [out, in].
  static func transposed(
    _ name: String, _ tensor: ParameterLayout.Tensor, columns: Range<Int>? = nil
  ) -> NamedTensor {
    let columns = columns ?? 0..<tensor.columns
    return NamedTensor(
      name: name, shape: [columns.count, tensor.rows], offset: tensor.offset + columns.lowerBound,
      strides: [1, tensor.columns])
  }
}
