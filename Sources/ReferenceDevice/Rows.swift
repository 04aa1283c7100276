import Compute

/// Gathers, scatters, sums and adds rows.
extension ReferenceDevice {
  package func gatherRows(_ operation: GatherRows) throws {
    try operation.validate()
    let name = GatherRows.name
    let input = try reading(operation.input, in: name)
    let indices = try integers(operation.indices, in: name)
    let output = try writing(operation.output, in: name)
    try check(indices, 0..<operation.count, below: operation.input.availableRows, "index", in: name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns { output[row, column] = input[indices[row], column] }
    }
  }

  package func scatterRows(_ operation: ScatterRows) throws {
    try operation.validate()
    let name = ScatterRows.name
    let input = try reading(operation.input, in: name)
    let indices = try integers(operation.indices, in: name)
    let output = try writing(operation.output, in: name)
    try check(indices, 0..<operation.count, below: operation.output.availableRows, "index", in: name)
    for row in 0..<operation.count {
      for column in 0..<operation.input.columns { output[indices[row], column] += input[row, column] }
    }
  }

  package func sumRows(_ operation: SumRows) throws {
    try operation.validate()
    let name = SumRows.name
    let input = try reading(operation.input, in: name)
    let starts = try integers(operation.starts, in: name)
    let members = try integers(operation.members, in: name)
    let output = try writing(operation.output, in: name)
    try check(starts, 0..<operation.count + 1, below: operation.memberCount + 1, "start", in: name)
    for row in 0..<operation.count where starts[row] > starts[row + 1] {
      throw ComputeError.invalid(
        name, "start \(starts[row + 1]) at \(row + 1) is below the one before it, \(starts[row])")
    }
    try check(members, 0..<operation.memberCount, below: operation.input.availableRows, "member", in: name)
    for row in 0..<operation.count {
      for column in 0..<operation.output.columns { output[row, column] = 0 }
      for member in starts[row]..<starts[row + 1] {
        for column in 0..<operation.output.columns {
          output[row, column] += input[members[member], column]
        }
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
}
