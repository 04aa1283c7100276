/// Kernels of layer normalisation.
package protocol LayerNormKernels {
  static func layerNorm(_ task: LayerNormRows)
  static func layerNormBackward(_ task: LayerNormBackwardRows)
  static func layerNormWeightGradient(_ task: LayerNormWeightRows)
}

/// Rows of one model to normalise. `statistics` receives the mean and rstd of each row.
package struct LayerNormRows {
  package var input: UnsafePointer<Float>
  package var inputStride: Int
  package var weight: UnsafePointer<Float>
  package var bias: UnsafePointer<Float>?
  /// Whether the mean is taken from a row; an RMS norm does not.
  package var isCentred: Bool
  package var epsilon: Float
  package var output: UnsafeMutablePointer<Float>
  package var outputStride: Int
  package var statistics: UnsafeMutablePointer<Float>
  package var statisticsStride: Int
  package var rows: Int
  package var width: Int

  package init(
    input: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    isCentred: Bool, epsilon: Float, output: UnsafeMutablePointer<Float>, outputStride: Int,
    statistics: UnsafeMutablePointer<Float>, statisticsStride: Int, rows: Int, width: Int
  ) {
    self.input = input
    self.inputStride = inputStride
    self.weight = weight
    self.bias = bias
    self.isCentred = isCentred
    self.epsilon = epsilon
    self.output = output
    self.outputStride = outputStride
    self.statistics = statistics
    self.statisticsStride = statisticsStride
    self.rows = rows
    self.width = width
  }
}

/// Rows of one model whose input gradients are computed.
package struct LayerNormBackwardRows {
  package var input: UnsafePointer<Float>
  package var inputStride: Int
  package var weight: UnsafePointer<Float>
  /// Whether the mean was taken from a row.
  package var isCentred: Bool
  /// Whether rstd counts as a constant.
  package var isScaleConstant: Bool
  package var statistics: UnsafePointer<Float>
  package var statisticsStride: Int
  package var outputGradient: UnsafePointer<Float>
  package var outputGradientStride: Int
  package var residualGradient: UnsafePointer<Float>?
  package var residualGradientStride: Int
  package var inputGradient: UnsafeMutablePointer<Float>
  package var inputGradientStride: Int
  package var rows: Int
  package var width: Int

  package init(
    input: UnsafePointer<Float>, inputStride: Int, weight: UnsafePointer<Float>, isCentred: Bool,
    isScaleConstant: Bool, statistics: UnsafePointer<Float>, statisticsStride: Int,
    outputGradient: UnsafePointer<Float>,
    outputGradientStride: Int, residualGradient: UnsafePointer<Float>?, residualGradientStride: Int,
    inputGradient: UnsafeMutablePointer<Float>, inputGradientStride: Int, rows: Int, width: Int
  ) {
    self.input = input
    self.inputStride = inputStride
    self.weight = weight
    self.isCentred = isCentred
    self.isScaleConstant = isScaleConstant
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

/// Rows of one model whose parameter gradients are summed.
package struct LayerNormWeightRows {
  package var input: UnsafePointer<Float>
  package var inputStride: Int
  package var statistics: UnsafePointer<Float>
  package var statisticsStride: Int
  package var outputGradient: UnsafePointer<Float>
  package var outputGradientStride: Int
  /// [width]
  package var weightGradient: UnsafeMutablePointer<Float>
  package var biasGradient: UnsafeMutablePointer<Float>
  package var rows: Int
  package var width: Int

  package init(
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
