import Compute

/// Replacing rows: launches Kernels/replace_rows.cl.
extension OpenCLDevice {
  package func replaceRows(_ operation: ReplaceRows) throws {
    try operation.validate()
    // Blocks are cut into runs of rows, so that a single block keeps more than one core busy.
    let height = 16
    var blocks: [Int64] = []
    for block in operation.replacements where !block.columns.isEmpty {
      for first in stride(from: 0, to: block.rows.count, by: height) {
        let source = block.sourceOffset.map { $0 + first * block.sourceStride } ?? -1
        blocks += [
          block.rows.lowerBound + first, min(height, block.rows.count - first), block.columns.lowerBound,
          block.columns.count, source, block.sourceStride, 0, 0,
        ].map(Int64.init)
      }
    }
    guard !blocks.isEmpty else { return }
    var arguments = KernelArguments(self, ReplaceRows.name)
    try arguments.matrix(operation.target)
    try arguments.buffer(operation.source)
    try arguments.buffer(upload(blocks, .int32))
    try arguments.int(blocks.count / 8)
    try launch(kernel(.replaceRows, "replace_rows"), arguments, global: [blocks.count / 8])
  }
}
