import Compute

/// Rows times a weight, with their epilogues.
extension ReferenceDevice {
  package func matmul(_ operation: Matmul) throws {
    try operation.validate()
    let name = Matmul.name
    let input = try reading(operation.input, in: name)
    let weight = try reading(operation.weight, in: name)
    let bias = try operation.bias.map { try reading($0, in: name) }
    let residual = try operation.residual.map { try reading($0, in: name) }
    let preActivation = try operation.preActivation.map { try writing($0, in: name) }
    let output = try writing(operation.output, in: name)

    for group in operation.rows.models {
      for row in group.rows {
        for column in 0..<operation.output.columns {
          var value = 0.0
          for k in 0..<operation.input.columns {
            value += input[row, k] * weight[model: group.model, k, column]
          }
          if let bias { value += bias[model: group.model, 0, column] }
          preActivation?[row, column] = value
          if operation.activation == .gelu { value = GELU.value(value) }
          if let residual { value += residual[row, column] }
          output[row, column] = value
        }
      }
    }
  }

  package func matmulInputGradient(_ operation: MatmulInputGradient) throws {
    try operation.validate()
    let name = MatmulInputGradient.name
    let outputGradient = try reading(operation.outputGradient, in: name)
    let weight = try reading(operation.weight, in: name)
    let preActivation = try operation.preActivation.map { try reading($0, in: name) }
    let inputGradient = try writing(operation.inputGradient, in: name)

    for group in operation.rows.models {
      for row in group.rows {
        for k in 0..<operation.inputGradient.columns {
          var value = 0.0
          for column in 0..<operation.outputGradient.columns {
            value += outputGradient[row, column] * weight[model: group.model, k, column]
          }
          if let preActivation { value *= GELU.derivative(preActivation[row, k]) }
          inputGradient[row, k] = value
        }
      }
    }
  }

  package func matmulWeightGradient(_ operation: MatmulWeightGradient) throws {
    try operation.validate()
    let name = MatmulWeightGradient.name
    let input = try reading(operation.input, in: name)
    let outputGradient = try reading(operation.outputGradient, in: name)
    let weightGradient = try writing(operation.weightGradient, in: name)
    let biasGradient = try operation.biasGradient.map { try writing($0, in: name) }

    for group in operation.rows.models {
      for column in 0..<operation.outputGradient.columns {
        for k in 0..<operation.input.columns {
          var value = 0.0
          for row in group.rows { value += input[row, k] * outputGradient[row, column] }
          weightGradient[model: group.model, k, column] = value
        }
        if let biasGradient {
          var value = 0.0
          for row in group.rows { value += outputGradient[row, column] }
          biasGradient[model: group.model, 0, column] = value
        }
      }
    }
  }
}
