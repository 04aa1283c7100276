import Compute
import Kernels

/// The gradient of an embedding on GPUs: launches Kernels/embedding_backward_local.cl.
extension OpenCLDevice {
  /// Three launches: the table is cleared, rows with the same index are linked, and each list is added up.
  ///
  /// - Returns: a function that queues them.
  func localSums(
    of operation: EmbeddingBackward, by indices: any Buffer, into table: Parameter
  ) throws -> () throws -> Void {
    let file = KernelSources.embeddingBackwardLocal
    let name = EmbeddingBackward.name
    let models = try form(operation.rows).models
    let (entries, width) = (table.rows, table.columns)
    let groups = operation.rows.models
    let rowExtent = groups.map { $0.firstRow + $0.count }.max() ?? 0
    let links = try scratch(count: 2 * rowExtent + models.count * entries)

    var clear = KernelArguments(self, name)
    try clear.tensor(table)
    try clear.int(entries)
    try clear.list(models)
    try clear.int(width)
    try clear.buffer(links)
    clear.long(2 * rowExtent)

    var link = KernelArguments(self, name)
    try link.buffer(indices)
    try link.int(entries)
    try link.list(models)
    try link.buffer(links)
    link.long(2 * rowExtent)

    var sum = KernelArguments(self, name)
    try sum.buffer(indices)
    try sum.matrix(operation.outputGradient)
    try sum.tensor(table)
    try sum.list(models)
    try sum.int(width)
    try sum.buffer(links)

    let built = try built(file)
    let kernels = try ["embedding_clear", "embedding_link", name].map { try built.kernel($0) }
    let linked = built.values["LINKED"]
    let mostRows = groups.map(\.count).max() ?? 0
    return {
      try self.launch(kernels[0], clear, global: Grid(width, entries, models.count))
      try self.launch(kernels[1], link, groups: Grid(models.count), local: Grid(linked))
      try self.launch(kernels[2], sum, global: Grid(width, mostRows, models.count))
    }
  }
}
