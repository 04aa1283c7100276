import CPUKernelTable
import Compute

extension CPUDevice {
  package func gate(_ operation: Gate) throws {
    try operation.validate()
    let name = Gate.name
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: name)
    let factor = try operation.factor.map { try floats($0, in: name) }
    let factorStride = operation.factor?.stride ?? 0
    let y = try floats(output, in: name)
    let activation = SpanActivation(operation.activation)
    forEachRow(operation.count) { row in
      kernels.gate(
        GateSpan(
          input: x + row * input.stride, factor: factor.map { UnsafePointer($0 + row * factorStride) },
          activation: activation, output: y + row * output.stride, count: input.columns))
    }
  }

  package func gateBackward(_ operation: GateBackward) throws {
    try operation.validate()
    let name = GateBackward.name
    let (input, outputGradient) = (operation.input, operation.outputGradient)
    let inputGradient = operation.inputGradient
    let x = try floats(input, in: name)
    let factor = try operation.factor.map { try floats($0, in: name) }
    let factorStride = operation.factor?.stride ?? 0
    let dy = try floats(outputGradient, in: name)
    let dx = try floats(inputGradient, in: name)
    let df = try operation.factorGradient.map { try floats($0, in: name) }
    let factorGradientStride = operation.factorGradient?.stride ?? 0
    let activation = SpanActivation(operation.activation)
    forEachRow(operation.count) { row in
      kernels.gateBackward(
        GateBackwardSpan(
          input: x + row * input.stride, factor: factor.map { UnsafePointer($0 + row * factorStride) },
          activation: activation, passesRelevance: operation.rule == .relevance,
          outputGradient: dy + row * outputGradient.stride,
          inputGradient: dx + row * inputGradient.stride,
          factorGradient: df.map { $0 + row * factorGradientStride }, count: input.columns))
    }
  }
}

extension SpanActivation {
  fileprivate init(_ activation: Activation) {
    switch activation {
    case .identity: self = .identity
    case .gelu: self = .gelu
    case .geluTanh: self = .geluTanh
    case .silu: self = .silu
    }
  }
}
