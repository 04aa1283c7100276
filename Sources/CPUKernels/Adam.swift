import CPUKernelTable

extension VariantKernels {
  /// Updates the parameters and both moments in one pass.
  package static func adam(_ task: AdamSpan) {
    if let additions = task.additions { return adamWithAdditions(task, additions) }
    let whole = task.count & ~(vectorWidth - 1)
    var i = 0
    while i < whole {
      let new = adamStep(
        task, load(task.gradients + i), load(task.firstMoment + i), load(task.secondMoment + i))
      store(new.m, task.firstMoment + i)
      store(new.v, task.secondMoment + i)
      store(load(task.parameters + i) - new.step, task.parameters + i)
      i += vectorWidth
    }
    if whole < task.count {
      let count = task.count - whole
      let new = adamStep(
        task, load(task.gradients + whole, count), load(task.firstMoment + whole, count),
        load(task.secondMoment + whole, count))
      store(new.m, task.firstMoment + whole, count)
      store(new.v, task.secondMoment + whole, count)
      store(load(task.parameters + whole, count) - new.step, task.parameters + whole, count)
    }
  }

  /// The same with a scale of the gradients, and with the decay in the step, so that a parameter is rounded once.
  private static func adamWithAdditions(_ task: AdamSpan, _ additions: AdamAdditions) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      let new = adamStep(
        task, load(task.gradients + i, count) * additions.gradientScale, load(task.firstMoment + i, count),
        load(task.secondMoment + i, count))
      store(new.m, task.firstMoment + i, count)
      store(new.v, task.secondMoment + i, count)
      let parameters = load(task.parameters + i, count)
      var step = new.step
      if let weights = additions.decayWeights {
        step = multiplyAdd(Vector(repeating: additions.decay * weights[i / vectorWidth]), parameters, step)
      }
      store(parameters - step, task.parameters + i, count)
      i += vectorWidth
    }
  }
}

/// The new moments, and what the parameters lose.
@inline(always)
private func adamStep(
  _ task: AdamSpan, _ g: Vector, _ firstMoment: Vector, _ secondMoment: Vector
) -> (m: Vector, v: Vector, step: Vector) {
  let m = multiplyAdd(task.oneMinusBeta1, g, firstMoment * task.beta1)
  let v = multiplyAdd(g * task.oneMinusBeta2, g, secondMoment * task.beta2)
  let denominator = multiplyAdd(task.rootScale, v.squareRoot(), Vector(repeating: task.epsilon))
  return (m, v, m * task.stepSize / denominator)
}
