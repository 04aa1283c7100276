/// `output = activation(input) [⊙ factor]`, element by element: the hidden layer of an MLP. With a factor it is a gated
/// linear unit (Shazeer 2020, arXiv:2002.05202): `activation(input)` is the gate.
package struct Gate {
  package static let name = "gate"

  /// [rows, columns]: the argument of the activation.
  package var input: Matrix
  /// [rows, columns]: what the gate lets through; nil for a plain activation.
  package var factor: Matrix?
  package var activation: Activation
  /// [rows, columns]; may be the input or the factor itself.
  package var output: Matrix
  /// The number of rows.
  package var count: Int

  package init(
    input: Matrix, factor: Matrix? = nil, activation: Activation, output: Matrix, count: Int
  ) {
    self.input = input
    self.factor = factor
    self.activation = activation
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try input.check("input", rows: count, in: Self.name)
    try factor?.check("factor", rows: count, columns: input.columns, in: Self.name)
    try output.check("output", rows: count, columns: input.columns, in: Self.name)
  }
}

/// What a backward passes through a non-linearity.
package enum BackwardRule: String, Equatable, Sendable, CaseIterable {
  /// The derivative.
  case gradient
  /// What layer-wise relevance propagation passes (arXiv:2508.21258): the scale of a norm and the pattern of attention
  /// are constants, an activation is multiplication by `activation(x)/x`, and each factor of a gate gets half.
  case relevance
}

/// The gradients of ``Gate``: `inputGradient = outputGradient ⊙ activation′(input) [⊙ factor]` and `factorGradient =
/// outputGradient ⊙ activation(input)`. Under the rule of relevance, `activation(input)/input` takes the place of the
/// derivative, and with a factor both results are halved.
package struct GateBackward {
  package static let name = "gate_backward"

  /// [rows, columns]
  package var input: Matrix
  /// [rows, columns]; nil for a plain activation.
  package var factor: Matrix?
  package var activation: Activation
  package var rule: BackwardRule
  /// [rows, columns]
  package var outputGradient: Matrix
  /// [rows, columns]; may be the output gradient itself.
  package var inputGradient: Matrix
  /// [rows, columns]; there is one exactly if there is a factor. Not the output gradient.
  package var factorGradient: Matrix?
  /// The number of rows.
  package var count: Int

  package init(
    input: Matrix, factor: Matrix? = nil, activation: Activation, rule: BackwardRule = .gradient,
    outputGradient: Matrix, inputGradient: Matrix, factorGradient: Matrix? = nil, count: Int
  ) {
    self.input = input
    self.factor = factor
    self.activation = activation
    self.rule = rule
    self.outputGradient = outputGradient
    self.inputGradient = inputGradient
    self.factorGradient = factorGradient
    self.count = count
  }

  package func validate() throws {
    let (name, columns) = (Self.name, input.columns)
    try input.check("input", rows: count, in: name)
    try factor?.check("factor", rows: count, columns: columns, in: name)
    try outputGradient.check("output gradient", rows: count, columns: columns, in: name)
    try inputGradient.check("input gradient", rows: count, columns: columns, in: name)
    try factorGradient?.check("factor gradient", rows: count, columns: columns, in: name)
    guard (factor == nil) == (factorGradient == nil) else {
      throw ComputeError.invalid(name, "a factor and its gradient go together")
    }
  }
}

extension Gate: DeviceOperation {
  package func run(on device: any Device) throws { try device.gate(self) }
}

extension GateBackward: DeviceOperation {
  package func run(on device: any Device) throws { try device.gateBackward(self) }
}

extension ForwardingDevice {
  package func gate(_ operation: Gate) throws { try perform(operation) }
  package func gateBackward(_ operation: GateBackward) throws { try perform(operation) }
}
