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

  /// Copies values, whose shift has been added, into one model's flat parameters, or bits into those in half precision. Several
  /// threads may copy different elements at the same time.
  ///
  /// - Parameters:
  ///   - values: some of the tensor's elements in row-major order, or all of them.
  ///   - first: the index in the tensor of the first of these elements.
  package func insert<Element: SIMDScalar>(
    _ values: UnsafeBufferPointer<Element>, from first: Int,
    into parameters: UnsafeMutableBufferPointer<Element>
  ) {
    precondition(
      offset >= 0 && lastPlace < parameters.count && first + values.count <= shape.reduce(1, *),
      "\(name) lies outside the parameters")
    let columns = dimensions[dimensions.count - 1]
    // A part of a row, whole rows, a part of a row.
    let begun = min((columns - first % columns) % columns, values.count)
    let wholeRows = (values.count - begun) / columns
    let row = (first + columns - 1) / columns
    insertPart(UnsafeBufferPointer(rebasing: values[..<begun]), from: first, into: parameters)
    let rest = begun + wholeRows * columns
    insertRows(
      UnsafeBufferPointer(rebasing: values[begun..<rest]), rows: row..<row + wholeRows, into: parameters)
    insertPart(UnsafeBufferPointer(rebasing: values[rest...]), from: first + rest, into: parameters)
  }

  /// The number of places that the tensor has among the parameters.
  var placeCount: Int { shape.reduce(copies, *) }

  /// The last place among the parameters.
  private var lastPlace: Int {
    zip(dimensions, strides).reduce(offset + (copies - 1) * copyStride) { $0 + ($1.0 - 1) * $1.1 }
  }

  /// Copies some elements of one row.
  private func insertPart<Element: SIMDScalar>(
    _ values: UnsafeBufferPointer<Element>, from first: Int,
    into parameters: UnsafeMutableBufferPointer<Element>
  ) {
    let (columns, stride) = (dimensions[dimensions.count - 1], strides[strides.count - 1])
    let place = rowOffset(first / columns) + first % columns * stride
    for copy in 0..<copies {
      for (index, value) in values.enumerated() {
        parameters[place + copy * copyStride + index * stride] = value
      }
    }
  }

  /// Copies whole rows.
  private func insertRows<Element: SIMDScalar>(
    _ values: UnsafeBufferPointer<Element>, rows: Range<Int>,
    into parameters: UnsafeMutableBufferPointer<Element>
  ) {
    guard let source = values.baseAddress, let parameters = parameters.baseAddress else { return }
    let (columns, stride) = (dimensions[dimensions.count - 1], strides[strides.count - 1])
    let places = rows.map(rowOffset)
    for copy in 0..<copies {
      let parameters = parameters + copy * copyStride
      guard stride == 1 else {
        for rows in Self.neighbours(places) {
          transpose(
            source + rows.lowerBound * columns, rows: rows.count, columns: columns,
            into: parameters + places[rows.lowerBound], stride: stride)
        }
        continue
      }
      for (row, place) in places.enumerated() {
        for column in 0..<columns {
          parameters[place + column] = source[row * columns + column]
        }
      }
    }
  }

  /// Rows whose places follow each other.
  private static func neighbours(_ places: [Int]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for row in places.indices {
      if let last = ranges.last, places[row] == places[row - 1] + 1 {
        ranges[ranges.count - 1] = last.lowerBound..<row + 1
      } else {
        ranges.append(row..<row + 1)
      }
    }
    return ranges
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
