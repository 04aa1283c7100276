import CPUKernelTable

extension VariantKernels {
  /// `output = left + right`, element by element.
  package static func add(_ task: AddSpan) {
    let whole = task.count & ~(vectorWidth - 1)
    var i = 0
    while i < whole {
      store(load(task.left + i) + load(task.right + i), task.output + i)
      i += vectorWidth
    }
    let count = task.count - whole
    if count > 0 {
      store(load(task.left + i, count) + load(task.right + i, count), task.output + i, count)
    }
  }
}

extension VariantKernels {
  /// Reads one number of every cache line. The loads do not wait for each other, so data in a slower cache or
  /// in memory arrives together. Without it, a kernel would wait for each row when it uses it. The result has
  /// no meaning.
  package static func touch(_ span: RowSpan) -> Float {
    var all: UInt32 = 0
    for row in 0..<span.rows {
      var column = 0
      while column < span.columns {
        all |= span.base[row * span.stride + column].bitPattern
        column += vectorWidth
      }
    }
    return Float(bitPattern: all)
  }
}
