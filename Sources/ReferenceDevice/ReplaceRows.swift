import Compute

/// Interventions: blocks of activations overwritten with a vector, with rows, or with zeros.
extension ReferenceDevice {
  package func replaceRows(_ operation: ReplaceRows) throws {
    try operation.validate()
    let name = ReplaceRows.name
    let source = try resolve(operation.source, .float32, in: name).values
    let target = try writing(operation.target, in: name)
    for block in operation.replacements {
      for row in block.rows {
        for column in block.columns {
          if let offset = block.sourceOffset {
            let sourceRow = offset + (row - block.rows.lowerBound) * block.sourceStride
            target[row, column] = source[sourceRow + column - block.columns.lowerBound]
          } else {
            target[row, column] = 0
          }
        }
      }
    }
  }
}
