import CPUKernelTable

extension VariantKernels {
  /// `output = factor · input`, element by element.
  package static func scale(_ task: ScaleSpan) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      store(load(task.input + i, count) * task.factor, task.output + i, count)
      i += vectorWidth
    }
  }
}
