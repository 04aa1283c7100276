import CPUKernelTable

func add(_ task: AddSpan) {
  var i = 0
  while i < task.count {
    let count = task.count - i
    store(load(task.left + i, count) + load(task.right + i, count), task.output + i, count)
    i += vectorWidth
  }
}

/// `Σ x²`
func squaredSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var total = Vector(repeating: 0)
  var i = 0
  while i < count {
    let v = load(x + i, count - i)
    total = multiplyAdd(v, v, total)
    i += vectorWidth
  }
  return sum(total)
}
