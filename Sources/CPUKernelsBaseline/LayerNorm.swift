import CPUKernelTable

/// Two passes over a row in cache: mean, then variance about it, then the result.
func layerNorm(_ task: LayerNormRows) {
  let width = task.width
  for row in 0..<task.rows {
    let x = task.input + row * task.inputStride
    let mean = rowSum(x, width) / Float(width)
    var squares = Vector(repeating: 0)
    var column = 0
    while column + vectorWidth <= width {
      let d = load(x + column) - mean
      squares = multiplyAdd(d, d, squares)
      column += vectorWidth
    }
    var square = sum(squares)
    while column < width {
      square += (x[column] - mean) * (x[column] - mean)
      column += 1
    }
    let rstd = 1 / (square / Float(width) + task.epsilon).squareRoot()
    let y = task.output + row * task.outputStride
    column = 0
    while column < width {
      let count = width - column
      let normalised = (load(x + column, count) - mean) * rstd
      store(
        multiplyAdd(normalised, load(task.weight + column, count), load(task.bias + column, count)),
        y + column, count)
      column += vectorWidth
    }
    let statistics = task.statistics + row * task.statisticsStride
    statistics[0] = mean
    statistics[1] = rstd
  }
}

/// One pass for the two means, one for the result.
func layerNormBackward(_ task: LayerNormBackwardRows) {
  let width = task.width
  for row in 0..<task.rows {
    let x = task.input + row * task.inputStride
    let dy = task.outputGradient + row * task.outputGradientStride
    let dx = task.inputGradient + row * task.inputGradientStride
    let residual = task.residualGradient.map { $0 + row * task.residualGradientStride }
    let mean = task.statistics[row * task.statisticsStride]
    let rstd = task.statistics[row * task.statisticsStride + 1]
    var (sums, products) = (Vector(repeating: 0), Vector(repeating: 0))
    var column = 0
    while column < width {
      let count = width - column
      // Lanes behind the row's end have a zero gradient and add nothing.
      let g = load(dy + column, count) * load(task.weight + column, count)
      sums += g
      products = multiplyAdd(g, (load(x + column, count) - mean) * rstd, products)
      column += vectorWidth
    }
    let meanGradient = sum(sums) / Float(width)
    let meanProduct = sum(products) / Float(width)
    column = 0
    while column < width {
      let count = width - column
      let g = load(dy + column, count) * load(task.weight + column, count)
      let normalised = (load(x + column, count) - mean) * rstd
      var result = (g - meanGradient - normalised * meanProduct) * rstd
      if let residual { result += load(residual + column, count) }
      store(result, dx + column, count)
      column += vectorWidth
    }
  }
}

func layerNormWeightGradient(_ task: LayerNormWeightColumns) {
  var (weight, bias) = (Vector(repeating: 0), Vector(repeating: 0))
  for row in 0..<task.rows {
    let mean = task.statistics[row * task.statisticsStride]
    let rstd = task.statistics[row * task.statisticsStride + 1]
    let dy = load(task.outputGradient + row * task.outputGradientStride, task.columns)
    let normalised = (load(task.input + row * task.inputStride, task.columns) - mean) * rstd
    weight = multiplyAdd(dy, normalised, weight)
    bias += dy
  }
  store(weight, task.weightGradient, task.columns)
  store(bias, task.biasGradient, task.columns)
}

@inline(always)
private func rowSum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var total = Vector(repeating: 0)
  var i = 0
  while i + vectorWidth <= count {
    total += load(x + i)
    i += vectorWidth
  }
  var scalar = sum(total)
  while i < count {
    scalar += x[i]
    i += 1
  }
  return scalar
}
