import Compute

/// The mean row of each group.
extension ReferenceDevice {
  package func columnMeans(_ operation: ColumnMeans) throws {
    try operation.validate()
    let name = ColumnMeans.name
    let input = try reading(operation.input, in: name)
    let output = try writing(operation.output, in: name)
    for (index, group) in operation.rows.groups.enumerated() {
      for column in 0..<operation.input.columns {
        var sum = 0.0
        for row in group.rows { sum += input[row, column] }
        output[index, column] = sum / Double(group.count)
      }
    }
  }
}
