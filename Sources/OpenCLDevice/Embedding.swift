import Compute

/// Embedding and its gradient: launches Kernels/embedding.cl or Kernels/embedding_backward_local.cl.
extension OpenCLDevice {
  package func embedding(_ operation: Embedding) throws {
    try operation.validate()
    let width = operation.output.columns
    let tiles = try tiles(operation.rows, height: grain.rows)
    var arguments = KernelArguments(self, Embedding.name)
    try arguments.buffer(operation.tokens)
    try arguments.buffer(operation.positions ?? absent)
    try arguments.tensor(operation.tokenTable)
    try arguments.int(operation.tokenTable.rows)
    try arguments.tensor(operation.positionTable)
    try arguments.int(operation.positionTable?.rows ?? 0)
    arguments.flag(operation.positionTable != nil)
    try arguments.matrix(operation.output)
    try arguments.list(tiles)
    try arguments.int(width)
    let kernel = try kernel(.embedding, "embedding", ["COLUMNS": grain.movedColumns])
    try launch(kernel, arguments, global: [blocks(width, of: grain.movedColumns), tiles.count])
  }

  package func embeddingBackward(_ operation: EmbeddingBackward) throws {
    try operation.validate()
    var tables = [
      (
        operation.tokenTableGradient,
        try sums(of: operation, by: operation.tokens, into: operation.tokenTableGradient)
      )
    ]
    if let table = operation.positionTableGradient, let positions = operation.positions {
      tables.append((table, try sums(of: operation, by: positions, into: table)))
    }
    // Both kernels and their arguments are checked before the first launch is queued.
    let models = try form(operation.rows).models.count
    for (table, arguments) in tables {
      let width = table.columns
      if family == .local {
        let kernel = try kernel(.embeddingBackwardLocal, EmbeddingBackward.name)
        try launch(kernel, arguments, global: [width, table.rows, models])
      } else {
        let kernel = try kernel(.embedding, EmbeddingBackward.name, ["COLUMNS": grain.columns])
        try launch(kernel, arguments, global: [blocks(width, of: grain.columns), models])
      }
    }
  }

  private func sums(of operation: EmbeddingBackward, by indices: any Buffer, into table: Parameter) throws
    -> KernelArguments
  {
    let models = try form(operation.rows).models
    var arguments = KernelArguments(self, EmbeddingBackward.name)
    try arguments.buffer(indices)
    try arguments.matrix(operation.outputGradient)
    try arguments.tensor(table)
    try arguments.int(table.rows)
    try arguments.list(models)
    try arguments.int(table.columns)
    return arguments
  }
}
