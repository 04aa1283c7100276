import Compute
import Kernels

/// Gathering, scattering, summing and adding rows: launches Kernels/rows.cl.
extension OpenCLDevice {
  package func gatherRows(_ operation: GatherRows) throws {
    try operation.validate()
    var arguments = KernelArguments(self, GatherRows.name)
    try arguments.matrix(operation.input)
    arguments.rows(operation.input)
    try arguments.buffer(operation.indices)
    try arguments.matrix(operation.output)
    try launchRows(.rows, "gather_rows", arguments, count: operation.count, width: operation.output.columns)
  }

  package func scatterRows(_ operation: ScatterRows) throws {
    try operation.validate()
    var arguments = KernelArguments(self, ScatterRows.name)
    try arguments.matrix(operation.input)
    try arguments.buffer(operation.indices)
    try arguments.matrix(operation.output)
    arguments.rows(operation.output)
    try launchRows(.rows, "scatter_rows", arguments, count: operation.count, width: operation.input.columns)
  }

  package func sumRows(_ operation: SumRows) throws {
    try operation.validate()
    var arguments = KernelArguments(self, SumRows.name)
    try arguments.matrix(operation.input)
    arguments.rows(operation.input)
    try arguments.buffer(operation.starts)
    try arguments.buffer(operation.members)
    try arguments.int(operation.memberCount)
    try arguments.matrix(operation.output)
    try launchRows(.rows, "sum_rows", arguments, count: operation.count, width: operation.output.columns)
  }

  package func add(_ operation: Add) throws {
    try operation.validate()
    var arguments = KernelArguments(self, Add.name)
    try arguments.matrix(operation.left)
    try arguments.matrix(operation.right)
    try arguments.matrix(operation.output)
    try launchRows(.rows, "add", arguments, count: operation.count, width: operation.left.columns)
  }

  /// Queues a kernel that works element by element, with its number of rows and of columns as last arguments.
  func launchRows(
    _ file: KernelSources, _ name: String, _ operands: consuming KernelArguments, count: Int, width: Int
  ) throws {
    var arguments = operands
    try arguments.int(count)
    try arguments.int(width)
    try launch(
      kernel(file, name, grain.moved), arguments,
      global: Grid(blocks(width, of: grain.movedColumns), blocks(count, of: grain.rows)))
  }
}
