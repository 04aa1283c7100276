import CPUKernelTable

extension VariantKernels {
  /// `output = cap·tanh(input/cap)`, element by element.
  package static func softCap(_ task: SoftCapSpan) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      var x = load(task.input + i, count)
      applySoftCap(&x, task.cap)
      store(x, task.output + i, count)
      i += vectorWidth
    }
  }

  /// The gradient of the input, from the output.
  package static func softCapBackward(_ task: SoftCapBackwardSpan) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      let slope = softCapSlope(load(task.output + i, count), task.cap)
      store(load(task.outputGradient + i, count) * slope, task.inputGradient + i, count)
      i += vectorWidth
    }
  }
}

/// Replaces x by `cap·tanh(x/cap)`. With y = e^(−2|x|/cap) − 1, the tangent is −y/(y + 2), and y keeps its digits where the
/// exponential is near 1.
///
/// The vector is passed in memory: passed by value it would be split into lanes.
@inline(never)
func applySoftCap(_ x: inout Vector, _ cap: Float) {
  let sign = bits(x) & Int32.min
  let y = exponentialMinusOne(vector(bits(x) & Int32.max) * (-2 / cap))
  x = vector((bits(y / (y + 2) * cap) & Int32.max) | sign)
}

/// The derivative of `cap·tanh(x/cap)`, from its value.
@inline(always)
func softCapSlope(_ value: Vector, _ cap: Float) -> Vector {
  let ratio = value / cap
  return (1 - ratio) * (1 + ratio)
}
