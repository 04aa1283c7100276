import Compute

/// The Frobenius norm of each block of a flat buffer.
extension ReferenceDevice {
  package func segmentNorms(_ operation: SegmentNorms) throws {
    try operation.validate()
    let name = SegmentNorms.name
    let input = try resolve(operation.input, .float32, in: name).values
    let output = try resolve(operation.output, .float32, in: name)
    for (index, segment) in operation.segments.enumerated() {
      var squares = 0.0
      for row in 0..<segment.rows {
        for column in 0..<segment.columns {
          let value = input[segment.offset + row * segment.stride + column]
          squares += value * value
        }
      }
      output.values[index] = squares.squareRoot()
    }
  }
}
