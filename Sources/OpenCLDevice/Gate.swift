import Compute

/// Activations and gates: launches Kernels/gate.cl.
extension OpenCLDevice {
  package func gate(_ operation: Gate) throws {
    try operation.validate()
    var arguments = KernelArguments(self, Gate.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.factor)
    arguments.flag(operation.factor != nil)
    try arguments.matrix(operation.output)
    try launch(
      "gate", arguments, operation.activation, count: operation.count, width: operation.input.columns)
  }

  package func gateBackward(_ operation: GateBackward) throws {
    try operation.validate()
    var arguments = KernelArguments(self, GateBackward.name)
    try arguments.matrix(operation.input)
    try arguments.matrix(operation.factor)
    arguments.flag(operation.factor != nil)
    try arguments.matrix(operation.outputGradient)
    try arguments.matrix(operation.inputGradient)
    try arguments.matrix(operation.factorGradient)
    try launch(
      "gate_backward", arguments, operation.activation, operation.rule, count: operation.count,
      width: operation.input.columns
    )
  }

  private func launch(
    _ name: String, _ operands: consuming KernelArguments, _ activation: Activation,
    _ rule: BackwardRule = .gradient, count: Int, width: Int
  ) throws {
    var arguments = operands
    try arguments.int(count)
    try arguments.int(width)
    let kernel = try kernel(
      .gate, name,
      [
        "COLUMNS": grain.movedColumns, "ROWS": grain.rows, "ACTIVATION": activation.number,
        "RELEVANCE": rule == .relevance ? 1 : 0,
      ])
    try launch(
      kernel, arguments, global: Grid(blocks(width, of: grain.movedColumns), blocks(count, of: grain.rows)))
  }
}

extension Activation {
  /// ACTIVATION in gate.cl.
  fileprivate var number: Int {
    switch self {
    case .identity: 0
    case .gelu: 1
    case .geluTanh: 2
    case .silu: 3
    }
  }
}
