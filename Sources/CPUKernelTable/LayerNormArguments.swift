/// Rows of one model to normalise; statistics receive mean and rstd.
public struct LayerNormRows {
  public var input: UnsafePointer<Float>
  public var inputStride: Int
  public var weight: UnsafePointer<Float>
  public var bias: UnsafePointer<Float>
  public var epsilon: Float
  public var output: UnsafeMutablePointer<Float>
  public var outputStride: Int
  public var statistics: UnsafeMutablePointer<Float>
  public var statisticsStride: Int
  public var rows: Int
  public var width: Int

  public init(
    input: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    epsilon: Float, output: UnsafeMutablePointer<Float>, outputStride: Int,
    statistics: UnsafeMutablePointer<Float>, statisticsStride: Int, rows: Int, width: Int
  ) {
    self.input = input
    self.inputStride = inputStride
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
    self.output = output
    self.outputStride = outputStride
    self.statistics = statistics
    self.statisticsStride = statisticsStride
    self.rows = rows
    self.width = width
  }
}

/// Rows of one model to differentiate through.
public struct LayerNormBackwardRows {
  public var input: UnsafePointer<Float>
  public var inputStride: Int
  public var weight: UnsafePointer<Float>
  public var statistics: UnsafePointer<Float>
  public var statisticsStride: Int
  public var outputGradient: UnsafePointer<Float>
  public var outputGradientStride: Int
  public var residualGradient: UnsafePointer<Float>?
  public var residualGradientStride: Int
  public var inputGradient: UnsafeMutablePointer<Float>
  public var inputGradientStride: Int
  public var rows: Int
  public var width: Int

  public init(
    input: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>,
    statistics: UnsafePointer<Float>, statisticsStride: Int, outputGradient: UnsafePointer<Float>,
    outputGradientStride: Int, residualGradient: UnsafePointer<Float>?, residualGradientStride: Int,
    inputGradient: UnsafeMutablePointer<Float>, inputGradientStride: Int, rows: Int, width: Int
  ) {
    self.input = input
    self.inputStride = inputStride
    self.weight = weight
    self.statistics = statistics
    self.statisticsStride = statisticsStride
    self.outputGradient = outputGradient
    self.outputGradientStride = outputGradientStride
    self.residualGradient = residualGradient
    self.residualGradientStride = residualGradientStride
    self.inputGradient = inputGradient
    self.inputGradientStride = inputGradientStride
    self.rows = rows
    self.width = width
  }
}

/// Rows of one model to sum into parameter gradients.
public struct LayerNormWeightRows {
  public var input: UnsafePointer<Float>
  public var inputStride: Int
  public var statistics: UnsafePointer<Float>
  public var statisticsStride: Int
  public var outputGradient: UnsafePointer<Float>
  public var outputGradientStride: Int
  /// [width]
  public var weightGradient: UnsafeMutablePointer<Float>
  public var biasGradient: UnsafeMutablePointer<Float>
  public var rows: Int
  public var width: Int

  public init(
    input: UnsafePointer<Float>, inputStride: Int, statistics: UnsafePointer<Float>, statisticsStride: Int,
    outputGradient: UnsafePointer<Float>, outputGradientStride: Int,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>, rows: Int,
    width: Int
  ) {
    self.input = input
    self.inputStride = inputStride
    self.statistics = statistics
    self.statisticsStride = statisticsStride
    self.outputGradient = outputGradient
    self.outputGradientStride = outputGradientStride
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
    self.rows = rows
    self.width = width
  }
}
