import CPUKernelTable

/// One pass over parameters, gradients and both moments.
func adam(_ task: AdamSpan) {
  var i = 0
  while i < task.count {
    let count = task.count - i
    let g = load(task.gradients + i, count)
    let m = multiplyAdd(task.rest1, g, load(task.firstMoment + i, count) * task.beta1)
    let v = multiplyAdd(g * task.rest2, g, load(task.secondMoment + i, count) * task.beta2)
    let denominator = multiplyAdd(task.rootScale, v.squareRoot(), Vector(repeating: task.epsilon))
    let p = load(task.parameters + i, count) - m * task.stepSize / denominator
    store(m, task.firstMoment + i, count)
    store(v, task.secondMoment + i, count)
    store(p, task.parameters + i, count)
    i += vectorWidth
  }
}
