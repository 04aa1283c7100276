import CPUKernelTable
import Compute

extension CPUDevice {
  public func layerNorm(_ operation: LayerNorm) throws {
    try operation.validate()
    let name = LayerNorm.name
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let weight = try floats(operation.weight, in: name)
    let bias = try floats(operation.bias, in: name)
    let statistics = try floats(operation.statistics, in: name)
    let runs = RowTasks.of(operation.rows).runs
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      kernels.layerNorm(
        LayerNormRows(
          input: x + run.firstRow * input.stride, inputStride: input.stride,
          weight: weight + run.model * operation.weight.modelStride,
          bias: bias + run.model * operation.bias.modelStride, epsilon: operation.epsilon,
          output: y + run.firstRow * output.stride, outputStride: output.stride,
          statistics: statistics + run.firstRow * operation.statistics.stride,
          statisticsStride: operation.statistics.stride, rows: run.count, width: input.columns))
    }
  }

  public func layerNormBackward(_ operation: LayerNormBackward) throws {
    try operation.validate()
    let name = LayerNormBackward.name
    let (input, outputGradient) = (operation.input, operation.outputGradient)
    let inputGradient = operation.inputGradient
    let x = try floats(input, in: name)
    let dy = try floats(outputGradient, in: name)
    let dx = try floats(inputGradient, in: name)
    let weight = try floats(operation.weight, in: name)
    let statistics = try floats(operation.statistics, in: name)
    let residual = try operation.residualGradient.map { try floats($0, in: name) }
    let residualStride = operation.residualGradient?.stride ?? 0
    let runs = RowTasks.of(operation.rows).runs
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      kernels.layerNormBackward(
        LayerNormBackwardRows(
          input: x + run.firstRow * input.stride, inputStride: input.stride,
          weight: weight + run.model * operation.weight.modelStride,
          statistics: statistics + run.firstRow * operation.statistics.stride,
          statisticsStride: operation.statistics.stride,
          outputGradient: dy + run.firstRow * outputGradient.stride,
          outputGradientStride: outputGradient.stride,
          residualGradient: residual.map { UnsafePointer($0 + run.firstRow * residualStride) },
          residualGradientStride: residualStride,
          inputGradient: dx + run.firstRow * inputGradient.stride, inputGradientStride: inputGradient.stride,
          rows: run.count, width: input.columns))
    }
  }

  public func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws {
    try operation.validate()
    let name = LayerNormWeightGradient.name
    let (input, outputGradient) = (operation.input, operation.outputGradient)
    let x = try floats(input, in: name)
    let dy = try floats(outputGradient, in: name)
    let weight = try floats(operation.weightGradient, in: name)
    let bias = try floats(operation.biasGradient, in: name)
    let statistics = try floats(operation.statistics, in: name)
    let models = operation.rows.models
    let spans = (input.columns + CPUKernelTable.vectorWidth - 1) / CPUKernelTable.vectorWidth
    pool.run(models.count * spans) { task, _ in
      let group = models[task / spans]
      let column = task % spans * CPUKernelTable.vectorWidth
      kernels.layerNormWeightGradient(
        LayerNormWeightColumns(
          input: x + group.firstRow * input.stride + column, inputStride: input.stride,
          statistics: statistics + group.firstRow * operation.statistics.stride,
          statisticsStride: operation.statistics.stride,
          outputGradient: dy + group.firstRow * outputGradient.stride + column,
          outputGradientStride: outputGradient.stride,
          weightGradient: weight + group.model * operation.weightGradient.modelStride + column,
          biasGradient: bias + group.model * operation.biasGradient.modelStride + column,
          rows: group.count, columns: min(CPUKernelTable.vectorWidth, input.columns - column)))
    }
  }
}
