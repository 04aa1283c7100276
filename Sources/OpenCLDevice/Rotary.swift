import Compute

/// Rotary positions: launches Kernels/rotary.cl.
extension OpenCLDevice {
  package func rotary(_ operation: Rotary) throws {
    try operation.validate()
    let pairs = operation.pairs
    var arguments = KernelArguments(self, Rotary.name)
    try arguments.matrix(operation.target)
    try arguments.buffer(operation.positions)
    try arguments.matrix(operation.table)
    arguments.rows(operation.table)
    arguments.float(operation.isInverse ? -1 : 1)
    try arguments.int(operation.count)
    try arguments.int(operation.heads)
    try arguments.int(operation.headWidth)
    try arguments.int(pairs)
    try launch(
      kernel(.rotary, "rotary", grain.moved), arguments,
      global: Grid(
        operation.heads * blocks(pairs, of: grain.movedColumns), blocks(operation.count, of: grain.rows)))
  }
}
