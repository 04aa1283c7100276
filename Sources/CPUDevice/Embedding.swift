import CPUKernelTable
import Compute

extension CPUDevice {
  public func embedding(_ operation: Embedding) throws {
    try operation.validate()
    let name = Embedding.name
    let (rows, width) = (operation.rows, operation.output.columns)
    let tables = try tables(
      tokens: operation.tokens, positions: operation.positions, token: operation.tokenTable,
      position: operation.positionTable, rows, in: name)
    let output = try floats(operation.output, in: name)
    let runs = RowTasks.of(rows).runs
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      for row in run.firstRow..<run.firstRow + run.count {
        let to = output + row * operation.output.stride
        let from = tables.token(run.model, row)
        if let position = tables.position(run.model, row) {
          kernels.add(AddSpan(left: from, right: position, output: to, count: width))
        } else {
          to.update(from: from, count: width)
        }
      }
    }
  }

  public func embeddingBackward(_ operation: EmbeddingBackward) throws {
    try operation.validate()
    let name = EmbeddingBackward.name
    let (rows, width) = (operation.rows, operation.outputGradient.columns)
    let tables = try tables(
      tokens: operation.tokens, positions: operation.positions, token: operation.tokenTableGradient,
      position: operation.positionTableGradient, rows, in: name)
    let gradient = try floats(operation.outputGradient, in: name)
    // A task owns columns of one model's tables and adds the model's rows in order.
    let span = 4 * CPUKernelTable.vectorWidth
    let spans = (width + span - 1) / span
    pool.run(rows.models.count * spans) { task, _ in
      let (group, first) = (rows.models[task / spans], task % spans * span)
      let count = min(span, width - first)
      for table in [operation.tokenTableGradient, operation.positionTableGradient].compactMap({ $0 }) {
        guard let base = try? floats(table, in: name) else { continue }
        for row in 0..<table.rows {
          (base + group.model * table.modelStride + row * table.stride + first).update(
            repeating: 0, count: count)
        }
      }
      for row in group.firstRow..<group.firstRow + group.count {
        let from = gradient + row * operation.outputGradient.stride + first
        for to in [tables.token(group.model, row), tables.position(group.model, row)] {
          guard let to = to.map({ $0 + first }) else { continue }
          kernels.add(AddSpan(left: to, right: from, output: to, count: count))
        }
      }
    }
  }

  private func tables(
    tokens: any Buffer, positions: (any Buffer)?, token: Parameter, position: Parameter?, _ rows: RowGroups,
    in name: String
  ) throws -> EmbeddingTables {
    let base = try floats(token, in: name)
    let tokens = try indices(tokens, count: rows.extent, in: 0..<token.rows, "token", of: name)
    guard let position, let positions else {
      return EmbeddingTables(tokens: tokens, tokenTable: token, tokenBase: base)
    }
    return EmbeddingTables(
      tokens: tokens, tokenTable: token, tokenBase: base,
      positions: try indices(positions, count: rows.extent, in: 0..<position.rows, "position", of: name),
      positionTable: position, positionBase: try floats(position, in: name))
  }
}

/// Where a row's table entries lie.
private struct EmbeddingTables {
  var tokens: UnsafeMutablePointer<Int32>
  var tokenTable: Parameter
  var tokenBase: UnsafeMutablePointer<Float>
  var positions: UnsafeMutablePointer<Int32>?
  var positionTable: Parameter?
  var positionBase: UnsafeMutablePointer<Float>?

  func token(_ model: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
    tokenBase + model * tokenTable.modelStride + Int(tokens[row]) * tokenTable.stride
  }

  func position(_ model: Int, _ row: Int) -> UnsafeMutablePointer<Float>? {
    guard let positions, let positionTable, let positionBase else { return nil }
    return positionBase + model * positionTable.modelStride + Int(positions[row]) * positionTable.stride
  }
}
