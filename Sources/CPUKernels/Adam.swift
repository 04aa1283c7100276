import CPUKernelTable

extension VariantKernels {
  /// Updates the parameters and both moments in one pass.
  package static func adam(_ task: AdamSpan) {
    let whole = task.count & ~(vectorWidth - 1)
    var i = 0
    while i < whole {
      let new = adamStep(
        task, load(task.gradients + i), load(task.firstMoment + i), load(task.secondMoment + i),
        load(task.parameters + i))
      store(new.m, task.firstMoment + i)
      store(new.v, task.secondMoment + i)
      store(new.p, task.parameters + i)
      i += vectorWidth
    }
    if whole < task.count {
      let count = task.count - whole
      let new = adamStep(
        task, load(task.gradients + whole, count), load(task.firstMoment + whole, count),
        load(task.secondMoment + whole, count), load(task.parameters + whole, count))
      store(new.m, task.firstMoment + whole, count)
      store(new.v, task.secondMoment + whole, count)
      store(new.p, task.parameters + whole, count)
    }
  }
}

@inline(always)
private func adamStep(
  _ task: AdamSpan, _ g: Vector, _ firstMoment: Vector, _ secondMoment: Vector, _ parameters: Vector
) -> (m: Vector, v: Vector, p: Vector) {
  let m = multiplyAdd(task.oneMinusBeta1, g, firstMoment * task.beta1)
  let v = multiplyAdd(g * task.oneMinusBeta2, g, secondMoment * task.beta2)
  let denominator = multiplyAdd(task.rootScale, v.squareRoot(), Vector(repeating: task.epsilon))
  return (m, v, parameters - m * task.stepSize / denominator)
}
