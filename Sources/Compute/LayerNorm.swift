/// `output = (input − mean)·rstd·weight + bias` over each row, with the biased variance:
/// `rstd = 1/√(var + epsilon)`.
public struct LayerNorm {
  public static let name = "layer_norm"

  /// [rows, width]
  public var input: Matrix
  /// [width] a model
  public var weight: Parameter
  /// [width] a model
  public var bias: Parameter
  public var epsilon: Float
  /// [rows, width]
  public var output: Matrix
  /// [rows, 2]: mean and rstd of each row, kept for the backward.
  public var statistics: Matrix
  public var rows: RowGroups

  public init(
    input: Matrix, weight: Parameter, bias: Parameter, epsilon: Float, output: Matrix, statistics: Matrix,
    rows: RowGroups
  ) {
    self.input = input
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
    self.output = output
    self.statistics = statistics
    self.rows = rows
  }

  public func validate() throws {
    let width = input.columns
    try input.check("input", rows: rows.extent, in: Self.name)
    try output.check("output", rows: rows.extent, columns: width, in: Self.name)
    try statistics.check("statistics", rows: rows.extent, columns: 2, in: Self.name)
    try weight.check("weight", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
    try bias.check("bias", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
  }
}

/// The input gradient of ``LayerNorm``. With x̂ = (input − mean)·rstd and g = outputGradient·weight:
/// `inputGradient = rstd·(g − mean(g) − x̂·mean(g·x̂)) [+ residualGradient]`.
public struct LayerNormBackward {
  public static let name = "layer_norm_backward"

  public var input: Matrix
  public var weight: Parameter
  public var statistics: Matrix
  public var outputGradient: Matrix
  /// Added to the result: the gradient that reached the input past the normalisation.
  public var residualGradient: Matrix?
  public var inputGradient: Matrix
  public var rows: RowGroups

  public init(
    input: Matrix, weight: Parameter, statistics: Matrix, outputGradient: Matrix,
    residualGradient: Matrix? = nil, inputGradient: Matrix, rows: RowGroups
  ) {
    self.input = input
    self.weight = weight
    self.statistics = statistics
    self.outputGradient = outputGradient
    self.residualGradient = residualGradient
    self.inputGradient = inputGradient
    self.rows = rows
  }

  public func validate() throws {
    let width = input.columns
    try input.check("input", rows: rows.extent, in: Self.name)
    try weight.check("weight", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
    try statistics.check("statistics", rows: rows.extent, columns: 2, in: Self.name)
    try outputGradient.check("output gradient", rows: rows.extent, columns: width, in: Self.name)
    try residualGradient?.check("residual gradient", rows: rows.extent, columns: width, in: Self.name)
    try inputGradient.check("input gradient", rows: rows.extent, columns: width, in: Self.name)
  }
}

/// The parameter gradients of ``LayerNorm``: `weightGradient = Σ outputGradient·x̂`,
/// `biasGradient = Σ outputGradient`, over the rows of each model. A model without rows is left alone.
public struct LayerNormWeightGradient {
  public static let name = "layer_norm_weight_gradient"

  public var input: Matrix
  public var statistics: Matrix
  public var outputGradient: Matrix
  public var weightGradient: Parameter
  public var biasGradient: Parameter
  public var rows: RowGroups

  public init(
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

  public func validate() throws {
    let width = input.columns
    try input.check("input", rows: rows.extent, in: Self.name)
    try statistics.check("statistics", rows: rows.extent, columns: 2, in: Self.name)
    try outputGradient.check("output gradient", rows: rows.extent, columns: width, in: Self.name)
    try weightGradient.checkOutput(
      "weight gradient", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
    try biasGradient.checkOutput(
      "bias gradient", models: rows.modelExtent, rows: 1, columns: width, in: Self.name)
  }
}

public protocol LayerNormOperations {
  func layerNorm(_ operation: LayerNorm) throws
  func layerNormBackward(_ operation: LayerNormBackward) throws
  func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws
}
