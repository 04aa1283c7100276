import Compute

/// Token and position tables: the forward looks rows up, the backward sums gradients for each table row.
extension ReferenceDevice {
  package func embedding(_ operation: Embedding) throws {
    try operation.validate()
    let name = Embedding.name
    let tokens = try integers(operation.tokens, in: name)
    let positions = try operation.positions.map { try integers($0, in: name) }
    let tokenTable = try reading(operation.tokenTable, in: name)
    let positionTable = try operation.positionTable.map { try reading($0, in: name) }
    let output = try writing(operation.output, in: name)
    try check(tokens, operation.rows, below: operation.tokenTable.rows, "token", in: name)
    if let table = operation.positionTable, let positions {
      try check(positions, operation.rows, below: table.rows, "position", in: name)
    }

    for group in operation.rows.models {
      for row in group.rows {
        for column in 0..<operation.output.columns {
          output[row, column] = tokenTable[model: group.model, tokens[row], column]
        }
        if let positionTable, let positions {
          for column in 0..<operation.output.columns {
            output[row, column] += positionTable[model: group.model, positions[row], column]
          }
        }
      }
    }
  }

  package func embeddingBackward(_ operation: EmbeddingBackward) throws {
    try operation.validate()
    let name = EmbeddingBackward.name
    let tokens = try integers(operation.tokens, in: name)
    let gradient = try reading(operation.outputGradient, in: name)
    let tokenTable = try writing(operation.tokenTableGradient, in: name)
    try check(tokens, operation.rows, below: operation.tokenTableGradient.rows, "token", in: name)
    var position: (indices: [Int], table: Parameter, output: Writing)?
    if let table = operation.positionTableGradient, let positions = operation.positions {
      let indices = try integers(positions, in: name)
      try check(indices, operation.rows, below: table.rows, "position", in: name)
      position = (indices, table, try writing(table, in: name))
    }
    sum(gradient, operation.rows, by: tokens, of: operation.tokenTableGradient, into: tokenTable)
    if let position {
      sum(gradient, operation.rows, by: position.indices, of: position.table, into: position.output)
    }
  }

  /// `table[index] = Σ gradient[row]` over the rows with that index, in row order; zero for an index without
  /// rows.
  private func sum(
    _ gradient: Reading, _ rows: RowGroups, by indices: [Int], of table: Parameter, into output: Writing
  ) {
    for group in rows.models {
      for row in 0..<table.rows {
        for column in 0..<table.columns { output[model: group.model, row, column] = 0 }
      }
      for row in group.rows {
        for column in 0..<table.columns {
          output[model: group.model, indices[row], column] += gradient[row, column]
        }
      }
    }
  }
}
