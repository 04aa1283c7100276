/// `output = cap·tanh(input/cap)`, element by element: what keeps logits within ±cap (Bello et al. 2016,
/// arXiv:1611.09940).
package struct SoftCap {
  package static let name = "soft_cap"

  /// [rows, columns]
  package var input: Matrix
  /// Positive.
  package var cap: Double
  /// [rows, columns]; may be the input itself.
  package var output: Matrix
  /// The number of rows.
  package var count: Int

  package init(input: Matrix, cap: Double, output: Matrix, count: Int) {
    self.input = input
    self.cap = cap
    self.output = output
    self.count = count
  }

  package func validate() throws {
    try input.check("input", rows: count, in: Self.name)
    try output.check("output", rows: count, columns: input.columns, in: Self.name)
    try checkCap(cap, in: Self.name)
  }
}

/// The gradient of ``SoftCap`` from its output: `inputGradient = outputGradient ⊙ (1 − (output/cap)²)`.
package struct SoftCapBackward {
  package static let name = "soft_cap_backward"

  /// [rows, columns]: the output of the forward.
  package var output: Matrix
  package var cap: Double
  /// [rows, columns]
  package var outputGradient: Matrix
  /// [rows, columns]; may be the output gradient itself.
  package var inputGradient: Matrix
  /// The number of rows.
  package var count: Int

  package init(output: Matrix, cap: Double, outputGradient: Matrix, inputGradient: Matrix, count: Int) {
    self.output = output
    self.cap = cap
    self.outputGradient = outputGradient
    self.inputGradient = inputGradient
    self.count = count
  }

  package func validate() throws {
    try output.check("output", rows: count, in: Self.name)
    try outputGradient.check("output gradient", rows: count, columns: output.columns, in: Self.name)
    try inputGradient.check("input gradient", rows: count, columns: output.columns, in: Self.name)
    try checkCap(cap, in: Self.name)
  }
}

extension SoftCap: DeviceOperation {
  package func run(on device: any Device) throws { try device.softCap(self) }
}

extension SoftCapBackward: DeviceOperation {
  package func run(on device: any Device) throws { try device.softCapBackward(self) }
}

extension ForwardingDevice {
  package func softCap(_ operation: SoftCap) throws { try perform(operation) }
  package func softCapBackward(_ operation: SoftCapBackward) throws { try perform(operation) }
}

private func checkCap(_ cap: Double, in name: String) throws {
  guard Float(cap) > 0, Float(cap).isFinite else {
    throw ComputeError.invalid(name, "the cap must be positive, not \(cap)")
  }
}
