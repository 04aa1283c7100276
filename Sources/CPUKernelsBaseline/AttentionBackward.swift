import CPUKernelTable

/// The backward of attention for one head of one sequence, four queries at a time. Probabilities are recomputed
/// from the log-sum-exp; gradients of keys and values gather in scratch.
func attentionBackward(_ task: AttentionHeadBackward) {
  let (keys, width) = (padded(task.keyCount), padded(task.headWidth))
  let keysTransposed = task.scratch  // [headWidth, keys]
  let valuesTransposed = keysTransposed + task.headWidth * keys  // [headWidth, keys]
  let keyRows = valuesTransposed + task.headWidth * keys  // [keyCount, width]
  let keyGradients = keyRows + task.keyCount * width  // [keyCount, width]
  let valueGradients = keyGradients + task.keyCount * width  // [keyCount, width]
  let query = valueGradients + task.keyCount * width  // [4, width]
  let outputGradient = query + 4 * width  // [4, width]
  let probabilities = outputGradient + 4 * width  // [4, keys]
  let scoreGradients = probabilities + 4 * keys  // [4, keys]
  // Kept, or the compiler would see that nobody needs the sum.
  scoreGradients[4 * keys] =
    touch(task.key, task.keyStride, task.keyCount, task.headWidth)
    + touch(task.value, task.valueStride, task.keyCount, task.headWidth)
    + touch(task.query, task.queryStride, task.queryCount, task.headWidth)
    + touch(task.outputGradient, task.outputGradientStride, task.queryCount, task.headWidth)
    + touch(task.output, task.outputStride, task.queryCount, task.headWidth)
  transpose(task.key, task.keyStride, task.keyCount, task.headWidth, keysTransposed, keys, width: keys)
  transpose(
    task.value, task.valueStride, task.keyCount, task.headWidth, valuesTransposed, keys, width: keys)
  copyRows(task.key, task.keyStride, task.keyCount, task.headWidth, keyRows, width)
  clear(keyGradients, 2 * task.keyCount * width)

  var first = 0
  while first < task.queryCount {
    let count = min(4, task.queryCount - first)
    let mostSeen = Int(task.positions[first + count - 1]) + 1
    if count < 4 {
      // Rows that are not there have no gradient.
      clear(query, 8 * width)
      clear(probabilities, 4 * keys)
      clear(scoreGradients, 4 * keys)
    }
    copyRows(
      task.query + first * task.queryStride, task.queryStride, count, task.headWidth, query, width)
    copyRows(
      task.outputGradient + first * task.outputGradientStride, task.outputGradientStride, count,
      task.headWidth, outputGradient, width)
    let queries = fourRows(query, width, 0, 4)
    let gradients = fourRows(outputGradient, width, 0, 4)
    var j = 0
    while j < mostSeen {
      storeFour(dotColumns(queries, task.headWidth, keysTransposed + j, keys), probabilities + j, keys)
      storeFour(
        dotColumns(gradients, task.headWidth, valuesTransposed + j, keys), scoreGradients + j, keys)
      j += vectorWidth
    }
    for i in 0..<count {
      let row = first + i
      differentiateSoftmax(
        probabilities + i * keys, scoreGradients + i * keys, Int(task.positions[row]) + 1, mostSeen,
        task.scale, task.logSumExp[row * task.logSumExpStride],
        dot(outputGradient + i * width, task.output + row * task.outputStride, task.headWidth))
    }
    let p = fourRows(probabilities, keys, 0, 4)
    let ds = fourRows(scoreGradients, keys, 0, 4)
    var column = 0
    while column < task.headWidth {
      let q = loadFour(query + column, width)
      let dz = loadFour(outputGradient + column, width)
      var dq = fourZeros()
      for j in 0..<mostSeen {
        let at = j * width + column
        gain(&dq, ds, j, load(keyRows + at))
        store(weighted(q, ds, j, load(keyGradients + at)), keyGradients + at)
        store(weighted(dz, p, j, load(valueGradients + at)), valueGradients + at)
      }
      storeFour(
        dq, task.queryGradient + first * task.queryGradientStride + column, task.queryGradientStride, count,
        task.headWidth - column)
      column += vectorWidth
    }
    first += count
  }
  for j in 0..<task.keyCount {
    var column = 0
    while column < task.headWidth {
      let (at, count) = (j * width + column, task.headWidth - column)
      store(load(keyGradients + at), task.keyGradient + j * task.keyGradientStride + column, count)
      store(load(valueGradients + at), task.valueGradient + j * task.valueGradientStride + column, count)
      column += vectorWidth
    }
  }
}

/// From dot products q·k and dz·v to probabilities and the gradients of the scores, zeros where the query
/// sees no key.
@inline(always)
private func differentiateSoftmax(
  _ probabilities: UnsafeMutablePointer<Float>, _ scoreGradients: UnsafeMutablePointer<Float>, _ seen: Int,
  _ count: Int, _ scale: Float, _ logSumExp: Float, _ product: Float
) {
  var j = 0
  while j < count {
    let p = masked(exponential(load(probabilities + j) * scale - logSumExp), seen - j, 0)
    store(p, probabilities + j)
    store(p * (load(scoreGradients + j) - product) * scale, scoreGradients + j)
    j += vectorWidth
  }
}

/// `Σ x·y`; x is padded with zeros to whole vectors.
@inline(always)
private func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Float {
  var products = Vector(repeating: 0)
  var i = 0
  while i < count {
    products = multiplyAdd(load(x + i), load(y + i, count - i), products)
    i += vectorWidth
  }
  return sum(products)
}

/// Whole vectors of zeros.
@inline(always)
private func clear(_ x: UnsafeMutablePointer<Float>, _ count: Int) {
  var i = 0
  while i < count {
    store(Vector(repeating: 0), x + i)
    i += vectorWidth
  }
}

/// Four rows of whole vectors, `stride` apart.
@inline(always)
private func loadFour(_ from: UnsafePointer<Float>, _ stride: Int) -> FourVectors {
  (load(from), load(from + stride), load(from + 2 * stride), load(from + 3 * stride))
}

/// `v + Σ weights[i]·row`, over the four rows in order.
@inline(always)
private func weighted(_ rows: FourVectors, _ weights: FourRows, _ i: Int, _ v: Vector) -> Vector {
  var sum = multiplyAdd(weights.0[i], rows.0, v)
  sum = multiplyAdd(weights.1[i], rows.1, sum)
  sum = multiplyAdd(weights.2[i], rows.2, sum)
  return multiplyAdd(weights.3[i], rows.3, sum)
}
