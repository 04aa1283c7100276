import Compute

/// Multiplies rows by a number.
extension ReferenceDevice {
  package func scale(_ operation: Scale) throws {
    try operation.validate()
    let input = try reading(operation.input, in: Scale.name)
    let output = try writing(operation.output, in: Scale.name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns {
        output[row, column] = operation.factor * input[row, column]
      }
    }
  }
}
