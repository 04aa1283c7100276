import Compute

/// Normalisation of each row to mean 0 and variance 1, or to a mean square of 1, scaled and shifted.
extension ReferenceDevice {
  package func layerNorm(_ operation: LayerNorm) throws {
    try operation.validate()
    let name = LayerNorm.name
    let input = try reading(operation.input, in: name)
    let weight = try reading(operation.weight, in: name)
    let bias = try operation.bias.map { try reading($0, in: name) }
    let output = try writing(operation.output, in: name)
    let statistics = try writing(operation.statistics, in: name)
    let width = operation.input.columns

    for group in operation.rows.models {
      for row in group.rows {
        var sum = 0.0
        for column in 0..<width { sum += input[row, column] }
        let mean = operation.kind == .rms ? 0 : sum / Double(width)

        var squares = 0.0
        for column in 0..<width {
          let deviation = input[row, column] - mean
          squares += deviation * deviation
        }
        let variance = squares / Double(width)
        let rstd = 1 / (variance + Double(operation.epsilon)).squareRoot()

        for column in 0..<width {
          let normalized = (input[row, column] - mean) * rstd
          output[row, column] =
            normalized * weight[model: group.model, 0, column] + (bias?[model: group.model, 0, column] ?? 0)
        }
        statistics[row, 0] = mean
        statistics[row, 1] = rstd
      }
    }
  }

  package func layerNormBackward(_ operation: LayerNormBackward) throws {
    try operation.validate()
    let name = LayerNormBackward.name
    let input = try reading(operation.input, in: name)
    let weight = try reading(operation.weight, in: name)
    let statistics = try reading(operation.statistics, in: name)
    let outputGradient = try reading(operation.outputGradient, in: name)
    let residualGradient = try operation.residualGradient.map { try reading($0, in: name) }
    let inputGradient = try writing(operation.inputGradient, in: name)
    let width = operation.input.columns

    for group in operation.rows.models {
      for row in group.rows {
        let (mean, rstd) = (statistics[row, 0], statistics[row, 1])
        // g is the gradient of x̂. Its mean and its projection on x̂ do not reach the input, because the
        // normalisation removes them.
        var (sumOfG, sumOfGX) = (0.0, 0.0)
        for column in 0..<width {
          let normalized = (input[row, column] - mean) * rstd
          let g = outputGradient[row, column] * weight[model: group.model, 0, column]
          sumOfG += g
          sumOfGX += g * normalized
        }
        let meanOfG = operation.kind == .rms ? 0 : sumOfG / Double(width)
        let meanOfGX = operation.rule == .relevance ? 0 : sumOfGX / Double(width)

        for column in 0..<width {
          let normalized = (input[row, column] - mean) * rstd
          let g = outputGradient[row, column] * weight[model: group.model, 0, column]
          let residual = residualGradient.map { $0[row, column] } ?? 0
          inputGradient[row, column] = rstd * (g - meanOfG - normalized * meanOfGX) + residual
        }
      }
    }
  }

  package func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws {
    try operation.validate()
    let name = LayerNormWeightGradient.name
    let input = try reading(operation.input, in: name)
    let statistics = try reading(operation.statistics, in: name)
    let outputGradient = try reading(operation.outputGradient, in: name)
    let weightGradient = try writing(operation.weightGradient, in: name)
    let biasGradient = try writing(operation.biasGradient, in: name)

    for group in operation.rows.models {
      for column in 0..<operation.input.columns {
        var (weightSum, biasSum) = (0.0, 0.0)
        for row in group.rows {
          let normalized = (input[row, column] - statistics[row, 0]) * statistics[row, 1]
          weightSum += outputGradient[row, column] * normalized
          biasSum += outputGradient[row, column]
        }
        weightGradient[model: group.model, 0, column] = weightSum
        biasGradient[model: group.model, 0, column] = biasSum
      }
    }
  }

  package func layerNormGradients(_ operation: LayerNormGradients) throws {
    try operation.validate()
    // Everything is checked before anything is computed.
    for buffer in operation.buffers {
      _ = try resolve(buffer, buffer.elementType, in: LayerNormGradients.name)
    }
    try layerNormWeightGradient(operation.weights)
    try layerNormBackward(operation.backward)
  }
}
