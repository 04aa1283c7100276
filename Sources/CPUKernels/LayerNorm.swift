import CPUKernelTable

extension VariantKernels {
  /// Normalises rows. It passes over each row three times while the row is in the cache: for the mean, for
  /// the variance about it, and for the result.
  package static func layerNorm(_ task: LayerNormRows) {
    let width = task.width
    for row in 0..<task.rows {
      let x = task.input + row * task.inputStride
      let mean = task.isCentred ? rowSum(x, width) / Float(width) : 0
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
        let shift = task.bias.map { load($0 + column, count) } ?? Vector(repeating: 0)
        store(multiplyAdd(normalised, load(task.weight + column, count), shift), y + column, count)
        column += vectorWidth
      }
      let statistics = task.statistics + row * task.statisticsStride
      statistics[0] = mean
      statistics[1] = rstd
    }
  }
}

extension VariantKernels {
  /// Computes the input gradients of rows: one pass over a row for the two means, and one for the result.
  package static func layerNormBackward(_ task: LayerNormBackwardRows) {
    let (width, whole) = (task.width, task.width & ~(vectorWidth - 1))
    for row in 0..<task.rows {
      let x = task.input + row * task.inputStride
      let dy = task.outputGradient + row * task.outputGradientStride
      let dx = task.inputGradient + row * task.inputGradientStride
      let residual = task.residualGradient.map { $0 + row * task.residualGradientStride }
      let mean = task.statistics[row * task.statisticsStride]
      let rstd = task.statistics[row * task.statisticsStride + 1]
      var (sums, products) = (Vector(repeating: 0), Vector(repeating: 0))
      var column = 0
      while column < whole {
        let g = load(dy + column) * load(task.weight + column)
        sums += g
        products = multiplyAdd(g, (load(x + column) - mean) * rstd, products)
        column += vectorWidth
      }
      if whole < width {
        // Lanes beyond the end of the row have a zero gradient and add nothing.
        let g = load(dy + whole, width - whole) * load(task.weight + whole, width - whole)
        sums += g
        products = multiplyAdd(g, (load(x + whole, width - whole) - mean) * rstd, products)
      }
      let meanGradient = task.isCentred ? sum(sums) / Float(width) : 0
      let meanProduct = task.isScaleConstant ? 0 : sum(products) / Float(width)
      column = 0
      while column < whole {
        let g = load(dy + column) * load(task.weight + column)
        let normalised = (load(x + column) - mean) * rstd
        var result = (g - meanGradient - normalised * meanProduct) * rstd
        if let residual { result += load(residual + column) }
        store(result, dx + column)
        column += vectorWidth
      }
      if whole < width {
        let count = width - whole
        let g = load(dy + whole, count) * load(task.weight + whole, count)
        let normalised = (load(x + whole, count) - mean) * rstd
        var result = (g - meanGradient - normalised * meanProduct) * rstd
        if let residual { result += load(residual + whole, count) }
        store(result, dx + whole, count)
      }
    }
  }
}

extension VariantKernels {
  /// Sums the parameter gradients over these rows, in order.
  package static func layerNormWeightGradient(_ task: LayerNormWeightRows) {
    var column = 0
    while column < task.width {
      if task.width - column >= 4 * vectorWidth {
        sumFourColumns(task, column)
        column += 4 * vectorWidth
      } else {
        sumColumn(task, column)
        column += vectorWidth
      }
    }
  }
}

@inline(never)
private func sumFourColumns(_ task: LayerNormWeightRows, _ column: Int) {
  var (weight, bias) = (fourZeros(), fourZeros())
  for row in 0..<task.rows {
    let mean = task.statistics[row * task.statisticsStride]
    let rstd = task.statistics[row * task.statisticsStride + 1]
    let x = loadFour(task.input + row * task.inputStride + column, vectorWidth)
    let dy = loadFour(task.outputGradient + row * task.outputGradientStride + column, vectorWidth)
    weight.0 = multiplyAdd(dy.0, (x.0 - mean) * rstd, weight.0)
    weight.1 = multiplyAdd(dy.1, (x.1 - mean) * rstd, weight.1)
    weight.2 = multiplyAdd(dy.2, (x.2 - mean) * rstd, weight.2)
    weight.3 = multiplyAdd(dy.3, (x.3 - mean) * rstd, weight.3)
    bias = (bias.0 + dy.0, bias.1 + dy.1, bias.2 + dy.2, bias.3 + dy.3)
  }
  storeFour(weight, task.weightGradient + column, vectorWidth)
  storeFour(bias, task.biasGradient + column, vectorWidth)
}

@inline(never)
private func sumColumn(_ task: LayerNormWeightRows, _ column: Int) {
  let columns = task.width - column
  var (weight, bias) = (Vector(repeating: 0), Vector(repeating: 0))
  for row in 0..<task.rows {
    let mean = task.statistics[row * task.statisticsStride]
    let rstd = task.statistics[row * task.statisticsStride + 1]
    let dy = load(task.outputGradient + row * task.outputGradientStride + column, columns)
    let normalised = (load(task.input + row * task.inputStride + column, columns) - mean) * rstd
    weight = multiplyAdd(dy, normalised, weight)
    bias += dy
  }
  store(weight, task.weightGradient + column, columns)
  store(bias, task.biasGradient + column, columns)
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
