import CPUKernelTable

/// Computes the gradients of attention for one head of one sequence, sixteen queries at a time, with the
/// memory layout of the forward.
///
/// The probabilities P are recomputed from the log-sum-exp. With their gradients `dP = dZ·Vᵀ`, the gradients
/// of the scores are `dS = P·(dP − Σ P·dP)`. As in the forward, a pair whose query does not see the key
/// enters no sum.
@inline(always)
private func attendBackward(_ task: AttentionHeadBackward, cap: Float, window: Int) {
  let width = padded(task.headWidth)
  let queries = task.scratch  // [headWidth, 16]
  let gradients = queries + task.headWidth * vectorWidth  // [headWidth, 16]: gradients of the output
  let keys = gradients + task.headWidth * vectorWidth  // [keyCount, width]
  let queryRows = keys + task.keyCount * width  // [16, width]
  let gradientRows = queryRows + vectorWidth * width  // [16, width]
  let lane = gradientRows + vectorWidth * width  // [16]
  let weights = lane + vectorWidth  // [keyCount, 16]
  let scoreGradients = weights + wholeFours(task.keyCount) * vectorWidth  // [keyCount, 16]
  let slopes = scoreGradients + wholeFours(task.keyCount) * vectorWidth  // [keyCount, 16], of capped scores
  copyKeys(task.key, task.keyStride, task.keyRows, task.keyCount, task.headWidth, keys, width)

  var first = 0
  repeat {
    let count = min(vectorWidth, task.queryCount - first)
    let positions = task.positions + first
    let mostSeen = count > 0 ? Int(positions[count - 1]) + 1 : 0
    let leastSeen = count > 0 ? leastSeen(positions[0], window) : 0
    let query = task.query + first * task.queryStride
    let outputGradient = task.outputGradient + first * task.outputGradientStride
    copyRows(query, task.queryStride, count, task.headWidth, queryRows, width)
    copyRows(outputGradient, task.outputGradientStride, count, task.headWidth, gradientRows, width)
    transposeQueries(queryRows, width, count, task.headWidth, queries)
    transposeQueries(gradientRows, width, count, task.headWidth, gradients)
    let seen = leastSeen..<mostSeen
    dotKeys(keys, width, nil, seen, queries, task.headWidth, weights)
    dotKeys(task.value, task.valueStride, task.keyRows, seen, gradients, task.headWidth, scoreGradients)
    let lastKeys = lastKeys(positions, count, lane)
    var isCoarse = false
    for i in 0..<count {
      let logSumExp = task.logSumExp[(first + i) * task.logSumExpStride]
      lane[i] = logSumExp
      if abs(logSumExp) > largestLogSumExp { isCoarse = true }
    }
    var scale = task.scores.scale
    if cap > 0 {
      capScores(weights, leastSeen, mostSeen, task.scores)
      storeSlopes(weights, slopes, leastSeen, mostSeen, task.scores)
      scale = 1
    }
    if window > 0 {
      var keysSeen = lastKeys
      hideKeys(weights, leastSeen, mostSeen, &keysSeen, window, -.infinity)
      hideKeys(scoreGradients, leastSeen, mostSeen, &keysSeen, window, 0)
    }
    differentiateSoftmax(
      weights, scoreGradients, leastSeen, mostSeen, lastKeys, scale, lane, isCoarse)
    if cap > 0 { applySlopes(scoreGradients, slopes, leastSeen, mostSeen) }

    // The first pass writes the gradients of all keys, so that a key that no query sees gets zeros. Later
    // passes add to the gradients of the keys that their queries see.
    let keyEnd = first == 0 ? task.keyCount : mostSeen
    var (key, firstQuery, firstOfAll) = (first == 0 ? 0 : leastSeen, 0, 0)
    while key < keyEnd {
      let rows = min(4, keyEnd - key)
      // Positions ascend: the first queries see none of the four keys, then come those that see some, then
      // those that see all.
      while firstQuery < count, positions[firstQuery] < key { firstQuery += 1 }
      while firstOfAll < count, positions[firstOfAll] < key + rows - 1 { firstOfAll += 1 }
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
        if window > 0 {
          // Copies, so that without a window the sums stay in registers.
          var (keySums, valueSums) = (dk, dv)
          accumulateInWindow(
            &keySums, ds, queryRows + column, width, key, rows, positions, count, window)
          accumulateInWindow(
            &valueSums, p, gradientRows + column, width, key, rows, positions, count, window)
          (dk, dv) = (keySums, valueSums)
        } else {
          for i in firstQuery..<firstOfAll {
            let seen = Int(positions[i]) - key + 1
            accumulate(&dk, ds, i, load(queryRows + i * width + column), upTo: seen)
            accumulate(&dv, p, i, load(gradientRows + i * width + column), upTo: seen)
          }
          for i in firstOfAll..<count {
            accumulate(&dk, ds, i, load(queryRows + i * width + column))
            accumulate(&dv, p, i, load(gradientRows + i * width + column))
          }
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
      let ds = neighbours(scoreGradients + i)
      let queryGradient = task.queryGradient + (first + i) * task.queryGradientStride
      var column = 0
      while column < task.headWidth {
        let dq = sumSeen(ds, keys + column, width, positions + i, rows, window)
        storeFour(dq, queryGradient + column, task.queryGradientStride, rows, task.headWidth - column)
        column += vectorWidth
      }
      i += 4
    }
    first += count
  } while first < task.queryCount
}

/// Turns the dot products q·k and dz·v, both [keys, 16], into probabilities and the gradients of the scores.
/// Where a query does not see a key, the results are arbitrary, and no sum may read them.
///
/// - Parameters:
///   - first: the first key that has products.
///   - lane: [16], the log-sum-exp of each query; overwritten.
///   - isCoarse: whether the magnitude of one of them is above ``largestLogSumExp``.
@inline(always)
private func differentiateSoftmax(
  _ weights: UnsafeMutablePointer<Float>, _ scoreGradients: UnsafeMutablePointer<Float>, _ first: Int,
  _ keys: Int, _ lastKeys: SIMD16<Int32>, _ scale: Float, _ lane: UnsafeMutablePointer<Float>,
  _ isCoarse: Bool
) {
  var products = Vector(repeating: 0)
  if isCoarse {
    var keysSeen = lastKeys
    differentiateCoarsely(weights, scoreGradients, first, keys, &keysSeen, scale, lane)
    products = load(lane)
  } else {
    let logSumExp = load(lane)
    for key in first..<keys {
      let at = key * vectorWidth
      let p = exponential(load(weights + at) * scale - logSumExp)
      store(p, weights + at)
      products = seen(multiplyAdd(p, load(scoreGradients + at), products), key, lastKeys, products)
    }
  }
  for key in first..<keys {
    let at = key * vectorWidth
    let ds = load(weights + at) * (load(scoreGradients + at) - products) * scale
    store(ds, scoreGradients + at)
  }
  // Sums over queries read keys in fours. None of these queries sees the keys that fill up the last four.
  for key in keys..<wholeFours(keys) {
    store(Vector(repeating: 0), weights + key * vectorWidth)
    store(Vector(repeating: 0), scoreGradients + key * vectorWidth)
  }
}

/// The largest magnitude of a log-sum-exp from which probabilities are recomputed.
///
/// Half a unit in the last place of a log-sum-exp is the relative error of all probabilities of its query,
/// and the difference of their sum from 1. Up to 64 it is at most 2e-6, about as much as the error that comes
/// from the scores.
private let largestLogSumExp: Float = 64

/// Computes the probabilities, and `Σ P·dP` into `lane`, if the log-sum-exp of at least one query is rounded
/// too coarsely.
///
/// Where a probability is near 1, `P·(dP − Σ P·dP)` subtracts two numbers of similar size, so the
/// probabilities must sum to 1. The probabilities of a query with a coarse log-sum-exp are therefore computed
/// again from its scores, as in the forward. The results of the other queries have the same bits as without
/// such a query.
///
/// The function is not inlined and takes its vectors in memory, because it is rarely called.
@inline(never)
private func differentiateCoarsely(
  _ weights: UnsafeMutablePointer<Float>, _ scoreGradients: UnsafeMutablePointer<Float>, _ first: Int,
  _ keys: Int, _ lastKeys: inout SIMD16<Int32>, _ scale: Float, _ lane: UnsafeMutablePointer<Float>
) {
  let logSumExp = load(lane)
  var best = Vector(repeating: -.infinity)
  for key in first..<keys {
    let scores = seen(load(weights + key * vectorWidth) * scale, key, lastKeys, -.infinity)
    best = best.replacing(with: scores, where: best .< scores)
  }
  var totals = Vector(repeating: 0)
  for key in first..<keys {
    totals += seen(exponential(load(weights + key * vectorWidth) * scale - best), key, lastKeys, 0)
  }
  let isCoarse = vector(bits(logSumExp) & 0x7fff_ffff) .> largestLogSumExp
  let shift = logSumExp.replacing(with: best, where: isCoarse)
  let factor = Vector(repeating: 1).replacing(with: 1 / totals, where: isCoarse)
  var products = Vector(repeating: 0)
  for key in first..<keys {
    let at = key * vectorWidth
    let p = exponential(load(weights + at) * scale - shift) * factor
    store(p, weights + at)
    products = seen(multiplyAdd(p, load(scoreGradients + at), products), key, lastKeys, products)
  }
  store(products, lane)
}

extension VariantKernels {
  package static func attentionBackward(_ task: AttentionHeadBackward) {
    if task.scores.cap == 0, task.scores.window == 0 {
      attendBackwardPlainly(task)
    } else {
      attendBackwardWithCapOrWindow(task)
    }
  }
}

/// Attention without a cap and a window, whose code compiles away.
@inline(never)
private func attendBackwardPlainly(_ task: AttentionHeadBackward) { attendBackward(task, cap: 0, window: 0) }

@inline(never)
private func attendBackwardWithCapOrWindow(_ task: AttentionHeadBackward) {
  attendBackward(task, cap: task.scores.cap, window: task.scores.window)
}
