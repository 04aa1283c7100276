import CPUKernelTable

/// The backward of attention for one head of one sequence, sixteen queries at a time, laid out as in the forward.
/// Probabilities are recomputed from the log-sum-exp. With them, and the scores' gradients before softmax's own,
/// `dP = dZ·Vᵀ`, softmax's is `dS = P·(dP − Σ P·dP)`.
func attendBackward(_ task: AttentionHeadBackward) {
  let width = padded(task.headWidth)
  let queries = task.scratch  // [headWidth, 16]
  let gradients = queries + task.headWidth * vectorWidth  // [headWidth, 16], of the output
  let keyRows = gradients + task.headWidth * vectorWidth  // [keyCount, width]
  let queryRows = keyRows + task.keyCount * width  // [16, width]
  let gradientRows = queryRows + vectorWidth * width  // [16, width]
  let lane = gradientRows + vectorWidth * width  // [16]
  let weights = lane + vectorWidth  // [keyCount, 16]
  let scoreGradients = weights + wholeFours(task.keyCount) * vectorWidth  // [keyCount, 16]
  copyRows(task.key, task.keyStride, task.keyCount, task.headWidth, keyRows, width)

  var first = 0
  repeat {
    let count = min(vectorWidth, task.queryCount - first)
    let positions = task.positions + first
    let mostSeen = count > 0 ? Int(positions[count - 1]) + 1 : 0
    let query = task.query + first * task.queryStride
    let outputGradient = task.outputGradient + first * task.outputGradientStride
    copyRows(query, task.queryStride, count, task.headWidth, queryRows, width)
    copyRows(outputGradient, task.outputGradientStride, count, task.headWidth, gradientRows, width)
    transposeQueries(queryRows, width, count, task.headWidth, queries)
    transposeQueries(gradientRows, width, count, task.headWidth, gradients)
    dotRows(task.key, task.keyStride, mostSeen, queries, task.headWidth, weights)
    dotRows(task.value, task.valueStride, mostSeen, gradients, task.headWidth, scoreGradients)
    let lastKeys = lastKeys(positions, count, lane)
    for i in 0..<count { lane[i] = task.logSumExp[(first + i) * task.logSumExpStride] }
    differentiateSoftmax(weights, scoreGradients, mostSeen, lastKeys, task.scale, load(lane))

    // Keys no query so far sees have no gradient.
    let keys = first == 0 ? task.keyCount : mostSeen
    var (key, firstQuery) = (0, 0)
    while key < keys {
      let rows = min(4, keys - key)
      while firstQuery < count, positions[firstQuery] < key { firstQuery += 1 }
      let p = fourRows(weights, vectorWidth, key, 4)
      let ds = fourRows(scoreGradients, vectorWidth, key, 4)
      let keyGradient = task.keyGradient + key * task.keyGradientStride
      let valueGradient = task.valueGradient + key * task.valueGradientStride
      var column = 0
      while column < task.headWidth {
        let columns = task.headWidth - column
        var (dk, dv) = (fourZeros(), fourZeros())
        if first > 0 {
          dk = loadFour(keyGradient + column, task.keyGradientStride, rows, columns)
          dv = loadFour(valueGradient + column, task.valueGradientStride, rows, columns)
        }
        for i in firstQuery..<count {
          gain(&dk, ds, i, load(queryRows + i * width + column))
          gain(&dv, p, i, load(gradientRows + i * width + column))
        }
        storeFour(dk, keyGradient + column, task.keyGradientStride, rows, columns)
        storeFour(dv, valueGradient + column, task.valueGradientStride, rows, columns)
        column += vectorWidth
      }
      key += 4
    }

    var i = 0
    while i < count {
      let rows = min(4, count - i)
      let seen = Int(positions[i + rows - 1]) + 1
      let ds = neighbours(scoreGradients + i)
      let queryGradient = task.queryGradient + (first + i) * task.queryGradientStride
      var column = 0
      while column < task.headWidth {
        var dq = fourZeros()
        for key in 0..<seen { gain(&dq, ds, key * vectorWidth, load(keyRows + key * width + column)) }
        storeFour(dq, queryGradient + column, task.queryGradientStride, rows, task.headWidth - column)
        column += vectorWidth
      }
      i += 4
    }
    first += count
  } while first < task.queryCount
}

/// From dot products q·k and dz·v, both [keys, 16], to probabilities and the gradients of the scores, zeros where a query
/// does not see a key.
@inline(always)
private func differentiateSoftmax(
  _ weights: UnsafeMutablePointer<Float>, _ scoreGradients: UnsafeMutablePointer<Float>, _ keys: Int,
  _ lastKeys: SIMD16<Int32>, _ scale: Float, _ logSumExp: Vector
) {
  var products = Vector(repeating: 0)
  for key in 0..<keys {
    let at = key * vectorWidth
    let p = seen(exponential(load(weights + at) * scale - logSumExp), key, lastKeys, 0)
    store(p, weights + at)
    products = multiplyAdd(p, load(scoreGradients + at), products)
  }
  for key in 0..<keys {
    let at = key * vectorWidth
    let ds = load(weights + at) * (load(scoreGradients + at) - products) * scale
    store(ds, scoreGradients + at)
  }
  // Keys are used in fours, and none of these queries sees the last ones.
  for key in keys..<wholeFours(keys) {
    store(Vector(repeating: 0), weights + key * vectorWidth)
    store(Vector(repeating: 0), scoreGradients + key * vectorWidth)
  }
}

extension VariantKernels {
  package static func attentionBackward(_ task: AttentionHeadBackward) { attendBackward(task) }
}
