import CPUKernelTable

extension VariantKernels {
  /// Rotates one row. It does not use fused multiply-adds, because memory limits the speed.
  package static func rotary(_ task: RotaryRow) {
    for head in 0..<task.heads {
      let first = task.row + head * task.headWidth
      let second = first + task.pairs
      var i = 0
      while i < task.pairs {
        let count = task.pairs - i
        let cosine = load(task.cosines + i, count)
        let sine = load(task.sines + i, count) * task.direction
        let (a, b) = (load(first + i, count), load(second + i, count))
        store(a * cosine - b * sine, first + i, count)
        store(b * cosine + a * sine, second + i, count)
        i += vectorWidth
      }
    }
  }
}
