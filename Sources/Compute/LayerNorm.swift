/// What a normalisation takes from a row before it divides by the row's size.
package enum NormKind: String, Equatable, Sendable {
  /// The mean (Ba, Kiros & Hinton 2016, arXiv:1607.06450).
  case layer
  /// Nothing (Zhang & Sennrich 2019, arXiv:1910.07467).
  case rms
}

/// `output = (input − mean)·rstd·weight [+ bias]` over each row, with the biased variance:
/// `rstd = 1/√(var + epsilon)`. An RMS norm has a mean of 0.
package struct LayerNorm {
  package static let name = "layer_norm"

  /// [rows, width]
  package var input: Matrix
  /// [width] for each model
  package var weight: Parameter
  /// [width] for each model
  package var bias: Parameter?
  package var kind: NormKind
  package var epsilon: Float
  /// [rows, width]
  package var output: Matrix
  /// [rows, 2]: mean and rstd of each row, kept for the backward.
  package var statistics: Matrix
  package var rows: RowGroups

  package init(
    input: Matrix, weight: Parameter, bias: Parameter?, kind: NormKind = .layer, epsilon: Float,
    output: Matrix, statistics: Matrix, rows: RowGroups
  ) {
    self.input = input
    self.weight = weight
    self.bias = bias
    self.kind = kind
    self.epsilon = epsilon
    self.output = output
    self.statistics = statistics
    self.rows = rows
  }

  package func validate() throws {
    let width = input.columns
    try input.check("input", rows: rows.extent, in: Self.name)
    try output.check("output", rows: rows.extent, columns: width, in: Self.name)
    try statistics.check("statistics", rows: rows.extent, columns: 2, in: Self.name)
    try weight.check("weight", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
    try bias?.check("bias", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
  }
}

/// The input gradient of ``LayerNorm``. With x̂ = (input − mean)·rstd and g = outputGradient·weight:
/// `inputGradient = rstd·(g − mean(g) − x̂·mean(g·x̂)) [+ residualGradient]`. An RMS norm lacks mean(g). Under
/// the rule of relevance rstd is a constant, and `x̂·mean(g·x̂)` is lacking.
package struct LayerNormBackward {
  package static let name = "layer_norm_backward"

  package var input: Matrix
  package var weight: Parameter
  package var kind: NormKind
  package var rule: BackwardRule
  package var statistics: Matrix
  package var outputGradient: Matrix
  /// The gradient of the residual connection around the normalisation; it is added to the result.
  package var residualGradient: Matrix?
  /// May be the output gradient itself.
  package var inputGradient: Matrix
  package var rows: RowGroups

  package init(
    input: Matrix, weight: Parameter, kind: NormKind = .layer, rule: BackwardRule = .gradient,
    statistics: Matrix, outputGradient: Matrix, residualGradient: Matrix? = nil, inputGradient: Matrix,
    rows: RowGroups
  ) {
    self.input = input
    self.weight = weight
    self.kind = kind
    self.rule = rule
    self.statistics = statistics
    self.outputGradient = outputGradient
    self.residualGradient = residualGradient
    self.inputGradient = inputGradient
    self.rows = rows
  }

  package func validate() throws { try check(in: Self.name) }

  fileprivate func check(in operation: String) throws {
    let width = input.columns
    try input.check("input", rows: rows.extent, in: operation)
    try weight.check("weight", models: rows.modelExtent, rows: 1, columns: width, in: operation)
    try statistics.check("statistics", rows: rows.extent, columns: 2, in: operation)
    try outputGradient.check("output gradient", rows: rows.extent, columns: width, in: operation)
    try residualGradient?.check("residual gradient", rows: rows.extent, columns: width, in: operation)
    try inputGradient.check("input gradient", rows: rows.extent, columns: width, in: operation)
  }
}

/// The parameter gradients of ``LayerNorm`` over the rows of each model: `weightGradient = Σ
/// outputGradient·x̂` and `biasGradient = Σ outputGradient`. The gradients of a model without rows stay
/// unchanged.
package struct LayerNormWeightGradient {
  package static let name = "layer_norm_weight_gradient"

  package var input: Matrix
  package var statistics: Matrix
  package var outputGradient: Matrix
  package var weightGradient: Parameter
  package var biasGradient: Parameter
  package var rows: RowGroups

  package init(
    input: Matrix, statistics: Matrix, outputGradient: Matrix, weightGradient: Parameter,
    biasGradient: Parameter, rows: RowGroups
  ) {
    self.input = input
    self.statistics = statistics
    self.outputGradient = outputGradient
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
    self.rows = rows
  }

  package func validate() throws { try check(in: Self.name) }

  fileprivate func check(in operation: String) throws {
    let width = input.columns
    try input.check("input", rows: rows.extent, in: operation)
    try statistics.check("statistics", rows: rows.extent, columns: 2, in: operation)
    try outputGradient.check("output gradient", rows: rows.extent, columns: width, in: operation)
    try weightGradient.checkOutput(
      "weight gradient", models: rows.modelExtent, rows: 1, columns: width, in: operation)
    try biasGradient.checkOutput(
      "bias gradient", models: rows.modelExtent, rows: 1, columns: width, in: operation)
  }
}

/// ``LayerNormBackward`` and ``LayerNormWeightGradient`` of the same rows, which a device may compute side by side.
package struct LayerNormGradients {
  package static let name = "layer_norm_gradients"

  package var backward: LayerNormBackward
  /// [width] for each model
  package var weightGradient: Parameter
  /// [width] for each model
  package var biasGradient: Parameter

  package init(_ backward: LayerNormBackward, weightGradient: Parameter, biasGradient: Parameter) {
    self.backward = backward
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
  }

  package var weights: LayerNormWeightGradient {
    LayerNormWeightGradient(
      input: backward.input, statistics: backward.statistics, outputGradient: backward.outputGradient,
      weightGradient: weightGradient, biasGradient: biasGradient, rows: backward.rows)
  }

  /// The buffers of all operands.
  package var buffers: [any Buffer] {
    let matrices = [
      backward.input, backward.statistics, backward.outputGradient, backward.residualGradient,
      backward.inputGradient,
    ]
    return matrices.compactMap { $0?.buffer }
      + [backward.weight, weightGradient, biasGradient].map(\.buffer)
  }

  /// - Throws: `ComputeError` also if the input gradient shares a buffer with what both read.
  package func validate() throws {
    try backward.check(in: Self.name)
    try weights.check(in: Self.name)
    for read in [backward.input, backward.statistics, backward.outputGradient]
    where read.buffer === backward.inputGradient.buffer {
      throw ComputeError.invalid(Self.name, "the input gradient shares a buffer with an operand")
    }
  }
}

extension LayerNorm: DeviceOperation {
  package func run(on device: any Device) throws { try device.layerNorm(self) }
}

extension LayerNormBackward: DeviceOperation {
  package func run(on device: any Device) throws { try device.layerNormBackward(self) }
}

extension LayerNormWeightGradient: DeviceOperation {
  package func run(on device: any Device) throws { try device.layerNormWeightGradient(self) }
}

extension LayerNormGradients: DeviceOperation {
  package func run(on device: any Device) throws { try device.layerNormGradients(self) }
}

extension ForwardingDevice {
  package func layerNorm(_ operation: LayerNorm) throws { try perform(operation) }
  package func layerNormBackward(_ operation: LayerNormBackward) throws { try perform(operation) }
  package func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws { try perform(operation) }
  package func layerNormGradients(_ operation: LayerNormGradients) throws { try perform(operation) }
}
