import Compute

/// Embedding and its gradient: launches Kernels/embedding.cl.
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
    try launch(kernel, arguments, global: Grid(blocks(width, of: grain.movedColumns), tiles.count))
  }

  package func embeddingBackward(_ operation: EmbeddingBackward) throws {
    try operation.validate()
    var tables = [(operation.tokenTableGradient, operation.tokens)]
    if let table = operation.positionTableGradient, let positions = operation.positions {
      tables.append((table, positions))
    }
    // Kernels and arguments of both tables are checked before the first launch is queued.
    let sums = try tables.map { table, indices in
      family == .local
        ? try localSums(of: operation, by: indices, into: table)
        : try registerSums(of: operation, by: indices, into: table)
    }
    for queue in sums { try queue() }
  }

  /// - Returns: a function that queues the sums of one table.
  private func registerSums(
    of operation: EmbeddingBackward, by indices: any Buffer, into table: Parameter
  ) throws -> () throws -> Void {
    let models = try form(operation.rows).models
    var arguments = KernelArguments(self, EmbeddingBackward.name)
    try arguments.buffer(indices)
    try arguments.matrix(operation.outputGradient)
    try arguments.tensor(table)
    try arguments.int(table.rows)
    try arguments.list(models)
    try arguments.int(table.columns)
    let kernel = try kernel(.embedding, EmbeddingBackward.name, ["COLUMNS": grain.columns])
    let global = Grid(blocks(table.columns, of: grain.columns), models.count)
    return { try self.launch(kernel, arguments, global: global) }
  }
}
