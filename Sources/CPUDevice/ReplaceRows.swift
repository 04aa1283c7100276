import Compute

extension CPUDevice {
  package func replaceRows(_ operation: ReplaceRows) throws {
    try operation.validate()
    let target = operation.target
    let y = try floats(target, in: ReplaceRows.name)
    let source = try floats(operation.source, in: ReplaceRows.name)
    let blocks = operation.replacements
    pool.run(blocks.count) { task, _ in
      let block = blocks[task]
      for (i, row) in block.rows.enumerated() {
        let to = y + row * target.stride + block.columns.lowerBound
        if let offset = block.sourceOffset {
          to.update(from: source + offset + i * block.sourceStride, count: block.columns.count)
        } else {
          to.update(repeating: 0, count: block.columns.count)
        }
      }
    }
  }
}
