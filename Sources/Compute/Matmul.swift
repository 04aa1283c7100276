/// What a product's sums go through.
public enum Activation: Sendable {
  case identity
  /// The exact (erf) GELU.
  case gelu
}

/// `output = activation(input·weight + bias) + residual`, each model with its own weight.
///
/// Sums run in the order (accumulator + bias) + residual, so fused and split paths agree bit for bit.
public struct Matmul {
  public static let name = "matmul"

  /// [rows, K]
  public var input: Matrix
  /// [K, N] a model
  public var weight: Parameter
  /// [N] a model
  public var bias: Parameter?
  public var activation: Activation
  /// [rows, N]: receives accumulator + bias, which a GELU's backward asks for.
  public var preActivation: Matrix?
  /// [rows, N]
  public var residual: Matrix?
  /// [rows, N]
  public var output: Matrix
  public var rows: RowGroups

  public init(
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

  public func validate() throws {
    let (extent, models) = (rows.extent, rows.modelExtent)
    try input.check("input", rows: extent, in: Self.name)
    try output.check("output", rows: extent, in: Self.name)
    try weight.check(
      "weight", models: models, rows: input.columns, columns: output.columns, in: Self.name)
    try bias?.check("bias", models: models, rows: 1, columns: output.columns, in: Self.name)
    try preActivation?.check("pre-activation", rows: extent, columns: output.columns, in: Self.name)
    try residual?.check("residual", rows: extent, columns: output.columns, in: Self.name)
    guard activation == .gelu || preActivation == nil else {
      throw ComputeError.invalid(Self.name, "without a GELU the pre-activation is the output itself")
    }
    guard activation == .identity || residual == nil else {
      throw ComputeError.invalid(Self.name, "a GELU and a residual can't be asked for together")
    }
  }
}

/// The input gradient of ``Matmul``: `inputGradient = outputGradient·weightᵀ [⊙ GELU′(preActivation)]`.
public struct MatmulInputGradient {
  public static let name = "matmul_input_gradient"

  /// [rows, N]
  public var outputGradient: Matrix
  /// [K, N] a model
  public var weight: Parameter
  /// [rows, K]: what went into the GELU whose output was this matmul's input.
  public var preActivation: Matrix?
  /// [rows, K]
  public var inputGradient: Matrix
  public var rows: RowGroups

  public init(
    outputGradient: Matrix, weight: Parameter, preActivation: Matrix? = nil, inputGradient: Matrix,
    rows: RowGroups
  ) {
    self.outputGradient = outputGradient
    self.weight = weight
    self.preActivation = preActivation
    self.inputGradient = inputGradient
    self.rows = rows
  }

  public func validate() throws {
    let (extent, models) = (rows.extent, rows.modelExtent)
    try outputGradient.check("output gradient", rows: extent, in: Self.name)
    try inputGradient.check("input gradient", rows: extent, in: Self.name)
    try weight.check(
      "weight", models: models, rows: inputGradient.columns, columns: outputGradient.columns, in: Self.name)
    try preActivation?.check("pre-activation", rows: extent, columns: inputGradient.columns, in: Self.name)
  }
}

/// The parameter gradients of ``Matmul``: `weightGradient = inputᵀ·outputGradient` and
/// `biasGradient = Σ outputGradient`, over the rows of each model. A model without rows is left alone.
public struct MatmulWeightGradient {
  public static let name = "matmul_weight_gradient"

  /// [rows, K]
  public var input: Matrix
  /// [rows, N]
  public var outputGradient: Matrix
  /// [K, N] a model
  public var weightGradient: Parameter
  /// [N] a model
  public var biasGradient: Parameter?
  public var rows: RowGroups

  public init(
    input: Matrix, outputGradient: Matrix, weightGradient: Parameter, biasGradient: Parameter? = nil,
    rows: RowGroups
  ) {
    self.input = input
    self.outputGradient = outputGradient
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
    self.rows = rows
  }

  public func validate() throws {
    let (extent, models) = (rows.extent, rows.modelExtent)
    try input.check("input", rows: extent, in: Self.name)
    try outputGradient.check("output gradient", rows: extent, in: Self.name)
    try weightGradient.checkOutput(
      "weight gradient", models: models, rows: input.columns, columns: outputGradient.columns, in: Self.name)
    try biasGradient?.checkOutput(
      "bias gradient", models: models, rows: 1, columns: outputGradient.columns, in: Self.name)
  }
}

public protocol MatmulOperations {
  func matmul(_ operation: Matmul) throws
  func matmulInputGradient(_ operation: MatmulInputGradient) throws
  func matmulWeightGradient(_ operation: MatmulWeightGradient) throws
}
