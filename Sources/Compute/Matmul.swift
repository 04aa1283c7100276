/// `output = activation(input·weight + bias) + residual`, where each model has its own weight.
///
/// The sums are evaluated as (accumulator + bias) + residual, so fused and separate computations agree bit
/// for bit.
package struct Matmul {
  package static let name = "matmul"

  /// [rows, K]
  package var input: Matrix
  /// [K, N] for each model
  package var weight: Parameter
  /// [N] for each model
  package var bias: Parameter?
  /// `.identity` or `.gelu`; the others are a ``Gate``.
  package var activation: Activation
  /// [rows, N]: receives accumulator + bias, which the backward of a GELU needs.
  package var preActivation: Matrix?
  /// [rows, N]
  package var residual: Matrix?
  /// [rows, N]
  package var output: Matrix
  package var rows: RowGroups

  package init(
    input: Matrix, weight: Parameter, bias: Parameter? = nil, activation: Activation = .identity,
    preActivation: Matrix? = nil, residual: Matrix? = nil, output: Matrix, rows: RowGroups
  ) {
    self.input = input
    self.weight = weight
    self.bias = bias
    self.activation = activation
    self.preActivation = preActivation
    self.residual = residual
    self.output = output
    self.rows = rows
  }

  package func validate() throws {
    let (extent, models) = (rows.extent, rows.modelExtent)
    try input.check("input", rows: extent, in: Self.name)
    try output.check("output", rows: extent, in: Self.name)
    try weight.check(
      "weight", models: models, rows: input.columns, columns: output.columns, in: Self.name)
    try bias?.check("bias", models: models, rows: 1, columns: output.columns, in: Self.name)
    try preActivation?.check("pre-activation", rows: extent, columns: output.columns, in: Self.name)
    try residual?.check("residual", rows: extent, columns: output.columns, in: Self.name)
    guard activation == .identity || activation == .gelu else {
      throw ComputeError.invalid(Self.name, "\(activation) is not computed with the product, but as a gate")
    }
    guard activation == .gelu || preActivation == nil else {
      throw ComputeError.invalid(Self.name, "without a GELU the pre-activation is the output itself")
    }
    guard activation == .identity || residual == nil else {
      throw ComputeError.invalid(Self.name, "a GELU and a residual can't be asked for together")
    }
  }
}

/// The input gradient of ``Matmul``: `inputGradient = outputGradient·weightᵀ [⊙ GELU′(preActivation)]`.
package struct MatmulInputGradient {
  package static let name = "matmul_input_gradient"

  /// [rows, N]
  package var outputGradient: Matrix
  /// [K, N] for each model
  package var weight: Parameter
  /// [rows, K]: the argument of the GELU whose output was this matmul's input.
  package var preActivation: Matrix?
  /// [rows, K]
  package var inputGradient: Matrix
  package var rows: RowGroups

  package init(
    outputGradient: Matrix, weight: Parameter, preActivation: Matrix? = nil, inputGradient: Matrix,
    rows: RowGroups
  ) {
    self.outputGradient = outputGradient
    self.weight = weight
    self.preActivation = preActivation
    self.inputGradient = inputGradient
    self.rows = rows
  }

  package func validate() throws {
    let (extent, models) = (rows.extent, rows.modelExtent)
    try outputGradient.check("output gradient", rows: extent, in: Self.name)
    try inputGradient.check("input gradient", rows: extent, in: Self.name)
    try weight.check(
      "weight", models: models, rows: inputGradient.columns, columns: outputGradient.columns, in: Self.name)
    try preActivation?.check("pre-activation", rows: extent, columns: inputGradient.columns, in: Self.name)
  }
}

/// The parameter gradients of ``Matmul`` over the rows of each model: `weightGradient =
/// inputᵀ·outputGradient` and `biasGradient = Σ outputGradient`. The gradients of a model without rows stay
/// unchanged.
package struct MatmulWeightGradient {
  package static let name = "matmul_weight_gradient"

  /// [rows, K]
  package var input: Matrix
  /// [rows, N]
  package var outputGradient: Matrix
  /// [K, N] for each model
  package var weightGradient: Parameter
  /// [N] for each model
  package var biasGradient: Parameter?
  package var rows: RowGroups

  package init(
    input: Matrix, outputGradient: Matrix, weightGradient: Parameter, biasGradient: Parameter? = nil,
    rows: RowGroups
  ) {
    self.input = input
    self.outputGradient = outputGradient
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
    self.rows = rows
  }

  package func validate() throws {
    let (extent, models) = (rows.extent, rows.modelExtent)
    try input.check("input", rows: extent, in: Self.name)
    try outputGradient.check("output gradient", rows: extent, in: Self.name)
    try weightGradient.checkOutput(
      "weight gradient", models: models, rows: input.columns, columns: outputGradient.columns, in: Self.name)
    try biasGradient?.checkOutput(
      "bias gradient", models: models, rows: 1, columns: outputGradient.columns, in: Self.name)
  }
}

extension Matmul: DeviceOperation {
  package func run(on device: any Device) throws { try device.matmul(self) }
}

extension MatmulInputGradient: DeviceOperation {
  package func run(on device: any Device) throws { try device.matmulInputGradient(self) }
}

extension MatmulWeightGradient: DeviceOperation {
  package func run(on device: any Device) throws { try device.matmulWeightGradient(self) }
}

extension ForwardingDevice {
  package func matmul(_ operation: Matmul) throws { try perform(operation) }
  package func matmulInputGradient(_ operation: MatmulInputGradient) throws { try perform(operation) }
  package func matmulWeightGradient(_ operation: MatmulWeightGradient) throws { try perform(operation) }
}
