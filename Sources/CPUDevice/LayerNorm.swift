import CPUKernelTable
import Compute

extension CPUDevice {
  package func layerNorm(_ operation: LayerNorm) throws {
    try operation.validate()
    let name = LayerNorm.name
    let (input, output) = (operation.input, operation.output)
    let x = try floats(input, in: name)
    let y = try floats(output, in: name)
    let weight = try constants(operation.weight, in: name)
    let bias = try operation.bias.map { try constants($0, in: name) }
    let biasStride = operation.bias?.modelStride ?? 0
    let statistics = try floats(operation.statistics, in: name)
    let runs = tasks(operation.rows)
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      kernels.layerNorm(
        LayerNormRows(
          input: x + run.firstRow * input.stride, inputStride: input.stride,
          weight: weight + run.model * operation.weight.modelStride,
          bias: bias.map { $0 + run.model * biasStride }, isCentred: operation.kind == .layer,
          epsilon: operation.epsilon,
          output: y + run.firstRow * output.stride, outputStride: output.stride,
          statistics: statistics + run.firstRow * operation.statistics.stride,
          statisticsStride: operation.statistics.stride, rows: run.count, width: input.columns))
    }
  }

  package func layerNormBackward(_ operation: LayerNormBackward) throws {
    try operation.validate()
    let name = LayerNormBackward.name
    let (input, outputGradient) = (operation.input, operation.outputGradient)
    let inputGradient = operation.inputGradient
    let x = try floats(input, in: name)
    let dy = try floats(outputGradient, in: name)
    let dx = try floats(inputGradient, in: name)
    let weight = try constants(operation.weight, in: name)
    let statistics = try floats(operation.statistics, in: name)
    let residual = try operation.residualGradient.map { try floats($0, in: name) }
    let residualStride = operation.residualGradient?.stride ?? 0
    let runs = tasks(operation.rows)
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      kernels.layerNormBackward(
        LayerNormBackwardRows(
          input: x + run.firstRow * input.stride, inputStride: input.stride,
          weight: weight + run.model * operation.weight.modelStride, isCentred: operation.kind == .layer,
          isScaleConstant: operation.rule == .relevance,
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

  package func layerNormWeightGradient(_ operation: LayerNormWeightGradient) throws {
    try operation.validate()
    let name = LayerNormWeightGradient.name
    let (input, outputGradient) = (operation.input, operation.outputGradient)
    let x = try floats(input, in: name)
    let dy = try floats(outputGradient, in: name)
    let weight = try floats(operation.weightGradient, in: name)
    let bias = try floats(operation.biasGradient, in: name)
    let statistics = try floats(operation.statistics, in: name)
    // Runs of rows are summed in parallel into [run, 2, width]; then the sums of a model's runs are added in
    // order.
    let (width, runs) = (input.columns, tasks(operation.rows))
    let sums = sharedScratch.reserve(runs.count * 2 * width)
    pool.run(runs.count) { task, _ in
      let run = runs[task]
      kernels.layerNormWeightGradient(
        LayerNormWeightRows(
          input: x + run.firstRow * input.stride, inputStride: input.stride,
          statistics: statistics + run.firstRow * operation.statistics.stride,
          statisticsStride: operation.statistics.stride,
          outputGradient: dy + run.firstRow * outputGradient.stride,
          outputGradientStride: outputGradient.stride, weightGradient: sums + task * 2 * width,
          biasGradient: sums + (task * 2 + 1) * width, rows: run.count, width: width))
    }
    var first = 0
    while first < runs.count {
      let model = runs[first].model
      let end = runs[first...].firstIndex { $0.model != model } ?? runs.count
      for (part, gradient, stride) in [
        (0, weight, operation.weightGradient.modelStride), (1, bias, operation.biasGradient.modelStride),
      ] {
        kernels.columnSums(
          ColumnSums(
            input: sums + (first * 2 + part) * width, inputStride: 2 * width, rows: end - first,
            columns: width,
            output: gradient + model * stride))
      }
      first = end
    }
  }

  package func layerNormGradients(_ operation: LayerNormGradients) throws {
    try operation.validate()
    // Everything is checked before anything is computed.
    for buffer in operation.buffers { _ = try own(buffer, in: LayerNormGradients.name) }
    try layerNormWeightGradient(operation.weights)
    try layerNormBackward(operation.backward)
  }
}
