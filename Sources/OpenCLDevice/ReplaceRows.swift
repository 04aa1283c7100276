import Compute

/// Replacing rows: launches Kernels/replace_rows.cl.
extension OpenCLDevice {
  package func replaceRows(_ operation: ReplaceRows) throws {
    try operation.validate()
    // Blocks are cut into runs of rows, so that a single block keeps more than one core busy.
    let height = 16
    var runs: [Int64] = []
    var widest = 0
    for block in operation.replacements where !block.columns.isEmpty {
      widest = max(widest, block.columns.count)
      for first in stride(from: 0, to: block.rows.count, by: height) {
        let source = block.sourceOffset.map { $0 + first * block.sourceStride } ?? -1
        runs += [
          block.rows.lowerBound + first, min(height, block.rows.count - first), block.columns.lowerBound,
          block.columns.count, source, block.sourceStride, 0, 0,
        ].map(Int64.init)
      }
    }
    guard !runs.isEmpty else { return }
    var arguments = KernelArguments(self, ReplaceRows.name)
    try arguments.matrix(operation.target)
    try arguments.buffer(operation.source)
    try arguments.buffer(upload(runs, .int32))
    try arguments.int(runs.count / 8)
    let kernel = try kernel(.replaceRows, "replace_rows", ["COLUMNS": grain.movedColumns])
    try launch(kernel, arguments, global: Grid(blocks(widest, of: grain.movedColumns), runs.count / 8))
  }
}
