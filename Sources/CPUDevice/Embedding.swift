import CPUKernelTable
import Compute

extension CPUDevice {
  package func embedding(_ operation: Embedding) throws {
    try operation.validate()
    let name = Embedding.name
    let (rows, width) = (operation.rows, operation.output.columns)
    let token = try entries(operation.tokens, operation.tokenTable, "token", rows, in: name)
    let tokenTable = try constants(operation.tokenTable, in: name)
    var position: (entries: TableEntries, table: UnsafePointer<Float>)?
    if let table = operation.positionTable, let positions = operation.positions {
      position = (
        try entries(positions, table, "position", rows, in: name), try constants(table, in: name)
      )
    }
    let output = try floats(operation.output, in: name)
    let runs = tasks(rows)
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      for row in run.firstRow..<run.firstRow + run.count {
        let to = output + row * operation.output.stride
        let from = tokenTable + token.offset(run.model, row)
        if let position {
          let other = position.table + position.entries.offset(run.model, row)
          kernels.add(AddSpan(left: from, right: other, output: to, count: width))
        } else {
          to.update(from: from, count: width)
        }
      }
    }
  }

  package func embeddingBackward(_ operation: EmbeddingBackward) throws {
    try operation.validate()
    let name = EmbeddingBackward.name
    let (rows, width) = (operation.rows, operation.outputGradient.columns)
    var tables = [
      (
        try entries(operation.tokens, operation.tokenTableGradient, "token", rows, in: name),
        try floats(operation.tokenTableGradient, in: name)
      )
    ]
    if let table = operation.positionTableGradient, let positions = operation.positions {
      tables.append(
        (try entries(positions, table, "position", rows, in: name), try floats(table, in: name)))
    }
    let gradient = try floats(operation.outputGradient, in: name)
    // A task owns some columns of one model's tables and adds the model's rows in order.
    let span = 4 * KernelSizes.vectorWidth
    let spans = (width + span - 1) / span
    pool.run(rows.models.count * spans) { task, _ in
      let (group, first) = (rows.models[task / spans], task % spans * span)
      let count = min(span, width - first)
      for (entries, base) in tables {
        let table = entries.table
        for row in 0..<table.rows {
          (base + group.model * table.modelStride + row * table.stride + first).update(
            repeating: 0, count: count)
        }
      }
      for row in group.firstRow..<group.firstRow + group.count {
        let from = gradient + row * operation.outputGradient.stride + first
        for (entries, base) in tables {
          let to = base + entries.offset(group.model, row) + first
          kernels.add(AddSpan(left: to, right: from, output: to, count: count))
        }
      }
    }
  }

  private func entries(
    _ indices: any Buffer, _ table: Parameter, _ index: String, _ rows: RowGroups, in name: String
  ) throws -> TableEntries {
    TableEntries(
      table: table,
      indices: try self.indices(indices, rows, in: 0..<table.rows, index, of: name))
  }
}

/// Where the entry of each row lies in an embedding table.
private struct TableEntries {
  var table: Parameter
  var indices: UnsafeMutablePointer<Int32>

  func offset(_ model: Int, _ row: Int) -> Int {
    model * table.modelStride + Int(indices[row]) * table.stride
  }
}
