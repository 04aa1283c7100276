import Compute

/// Means of columns: launches Kernels/column_means.cl.
extension OpenCLDevice {
  package func columnMeans(_ operation: ColumnMeans) throws {
    try operation.validate()
    if family == .local { return try localColumnMeans(operation) }
    let groups = try form(operation.rows).groups
    let width = operation.input.columns
    var arguments = KernelArguments(self, ColumnMeans.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.output)
    try arguments.list(groups)
    try arguments.int(width)
    let kernel = try kernel(.columnMeans, "column_means", ["COLUMNS": grain.columns])
    try launch(kernel, arguments, global: Grid(blocks(width, of: grain.columns), groups.count))
  }
}
