import CPUKernelTable

extension VariantKernels {
  /// `output = activation(input) [· factor]`, element by element.
  package static func gate(_ task: GateSpan) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      var value = load(task.input + i, count)
      activate(&value, task.activation)
      if let factor = task.factor { value *= load(factor + i, count) }
      store(value, task.output + i, count)
      i += vectorWidth
    }
  }

  /// The gradients of the activation's argument and of the factor.
  package static func gateBackward(_ task: GateBackwardSpan) {
    var i = 0
    while i < task.count {
      let count = task.count - i
      var gradient = load(task.outputGradient + i, count)
      if task.passesRelevance, task.factor != nil { gradient *= 0.5 }
      var slope = load(task.input + i, count)
      var value = slope
      if task.passesRelevance {
        divide(&slope, task.activation)
      } else {
        differentiate(&slope, task.activation)
      }
      var inputGradient = gradient * slope
      if let factor = task.factor, let factorGradient = task.factorGradient {
        inputGradient *= load(factor + i, count)
        activate(&value, task.activation)
        store(gradient * value, factorGradient + i, count)
      }
      store(inputGradient, task.inputGradient + i, count)
      i += vectorWidth
    }
  }
}

// Vectors are passed in memory: passed by value they would be split into lanes. Each activation is a function of its
// own, because a function that contains all of them is too large for the optimiser to inline loads and stores into.

/// Replaces x by its activation.
private func activate(_ x: inout Vector, _ activation: SpanActivation) {
  switch activation {
  case .identity: break
  case .gelu: applyGELU(&x)
  case .geluTanh: applyGELUTanh(&x)
  case .silu: applySiLU(&x)
  }
}

/// Replaces x by the derivative of its activation.
private func differentiate(_ x: inout Vector, _ activation: SpanActivation) {
  switch activation {
  case .identity: x = Vector(repeating: 1)
  case .gelu: differentiateGELU(&x)
  case .geluTanh: differentiateGELUTanh(&x)
  case .silu: differentiateSiLU(&x)
  }
}

/// Replaces x by its activation divided by x.
private func divide(_ x: inout Vector, _ activation: SpanActivation) {
  switch activation {
  case .identity: x = Vector(repeating: 1)
  case .gelu: x = normalDistribution(x)
  case .geluTanh: divideGELUTanh(&x)
  case .silu: x = logistic(x).value
  }
}

@inline(never)
private func applyGELU(_ x: inout Vector) { x = gelu((x, x, x, x)).0 }

@inline(never)
private func differentiateGELU(_ x: inout Vector) { x = geluDerivative((x, x, x, x)).0 }

/// ½(1 + tanh u) = σ(2u), with 2u = 2·√(2/π)·(y + 0.044715·y³), and 1 − σ(2u).
@inline(always)
private func tanhGate(_ y: Vector) -> (value: Vector, rest: Vector) {
  logistic(y * multiplyAdd(0.071_354_816, y * y, Vector(repeating: 1.595_769_12)))
}

@inline(never)
private func applyGELUTanh(_ x: inout Vector) {
  x *= tanhGate(within16(x)).value
}

@inline(never)
private func divideGELUTanh(_ x: inout Vector) {
  x = tanhGate(within16(x)).value
}

@inline(never)
private func differentiateGELUTanh(_ x: inout Vector) {
  let y = within16(x)
  let (value, rest) = tanhGate(y)
  let slope = multiplyAdd(0.214_064_449, y * y, Vector(repeating: 1.595_769_12))
  x = multiplyAdd(x * value * rest, slope, value)
}

@inline(never)
private func applySiLU(_ x: inout Vector) { x *= logistic(x).value }

@inline(never)
private func differentiateSiLU(_ x: inout Vector) {
  let (value, rest) = logistic(x)
  x = multiplyAdd(x * value, rest, value)
}

/// x within −16 … 16, beyond which σ(2u) is 0 or 1, and the cube might overflow.
@inline(always)
private func within16(_ x: Vector) -> Vector {
  x.replacing(with: 16, where: x .> 16).replacing(with: -16, where: x .< -16)
}

/// σ(a) and 1 − σ(a), neither of which loses digits to cancellation.
@inline(always)
private func logistic(_ a: Vector) -> (value: Vector, rest: Vector) {
  let isNegative = a .< 0
  let t = exponential(a.replacing(with: 0 - a, where: .!isNegative))
  let large = 1 / (1 + t)
  let small = t * large
  return (large.replacing(with: small, where: isNegative), small.replacing(with: large, where: isNegative))
}
