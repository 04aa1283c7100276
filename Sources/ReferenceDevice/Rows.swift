import Compute

/// Gathers, scatters, sums and adds rows.
extension ReferenceDevice {
  package func gatherRows(_ operation: GatherRows) throws {
    try operation.validate()
    let name = GatherRows.name
    let input = try reading(operation.input, in: name)
    let indices = try integers(operation.indices, in: name)
    let output = try writing(operation.output, in: name)
    for row in 0..<operation.count {
      let source = try checked(indices[row], in: operation.input, name)
      for column in 0..<operation.output.columns { output[row, column] = input[source, column] }
    }
  }

  package func scatterRows(_ operation: ScatterRows) throws {
    try operation.validate()
    let name = ScatterRows.name
    let input = try reading(operation.input, in: name)
    let indices = try integers(operation.indices, in: name)
    let output = try writing(operation.output, in: name)
    for row in 0..<operation.count {
      let target = try checked(indices[row], in: operation.output, name)
      for column in 0..<operation.input.columns { output[target, column] += input[row, column] }
    }
  }

  package func sumRows(_ operation: SumRows) throws {
    try operation.validate()
    let name = SumRows.name
    let input = try reading(operation.input, in: name)
    let starts = try integers(operation.starts, in: name)
    let members = try integers(operation.members, in: name)
    let output = try writing(operation.output, in: name)
    for row in 0..<operation.count {
      guard starts[row] >= 0, starts[row] <= starts[row + 1], starts[row + 1] <= operation.memberCount else {
        throw ComputeError.invalid(name, "the members of row \(row) lie outside the list")
      }
      for column in 0..<operation.output.columns { output[row, column] = 0 }
      for member in starts[row]..<starts[row + 1] {
        let source = try checked(members[member], in: operation.input, name)
        for column in 0..<operation.output.columns { output[row, column] += input[source, column] }
      }
    }
  }

  package func add(_ operation: Add) throws {
    try operation.validate()
    let name = Add.name
    let left = try reading(operation.left, in: name)
    let right = try reading(operation.right, in: name)
    let output = try writing(operation.output, in: name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns {
        output[row, column] = left[row, column] + right[row, column]
      }
    }
  }

  /// Checks that the row of an index lies inside the matrix's buffer.
  func checked(_ index: Int, in matrix: Matrix, _ name: String) throws -> Int {
    let rows = (matrix.buffer.count - matrix.offset - matrix.columns) / matrix.stride + 1
    guard index >= 0, index < rows else {
      throw ComputeError.invalid(name, "index \(index) lies outside a matrix of \(rows) rows")
    }
    return index
  }
}
