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

    for group in operation.rows.models {
      for row in group.rows {
        let token = try checked(tokens[row], "token", below: operation.tokenTable.rows, in: name)
        for column in 0..<operation.output.columns {
          output[row, column] = tokenTable[model: group.model, token, column]
        }
        if let table = operation.positionTable, let positionTable, let positions {
          let position = try checked(positions[row], "position", below: table.rows, in: name)
          for column in 0..<operation.output.columns {
            output[row, column] += positionTable[model: group.model, position, column]
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
    try sum(
      gradient, rows: operation.rows, by: tokens, "token", into: operation.tokenTableGradient, in: name)
    if let table = operation.positionTableGradient, let buffer = operation.positions {
      let positions = try integers(buffer, in: name)
      try sum(gradient, rows: operation.rows, by: positions, "position", into: table, in: name)
    }
  }

  /// `table[index] = Σ gradient[row]` over the rows with that index, in row order; zero for an index without
  /// rows.
  private func sum(
    _ gradient: Reading, rows: RowGroups, by indices: [Int], _ what: String, into table: Parameter,
    in name: String
  ) throws {
    let output = try writing(table, in: name)
    for group in rows.models {
      for row in 0..<table.rows {
        for column in 0..<table.columns { output[model: group.model, row, column] = 0 }
      }
      for row in group.rows {
        let index = try checked(indices[row], what, below: table.rows, in: name)
        for column in 0..<table.columns {
          output[model: group.model, index, column] += gradient[row, column]
        }
      }
    }
  }

  private func checked(_ index: Int, _ what: String, below bound: Int, in name: String) throws -> Int {
    guard index >= 0, index < bound else {
      throw ComputeError.invalid(name, "\(what) \(index) lies outside a table of \(bound) rows")
    }
    return index
  }
}
