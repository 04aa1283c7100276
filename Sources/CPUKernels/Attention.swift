import CPUKernelTable

/// Computes the attention of one head over one sequence, sixteen queries at a time.
///
/// A vector holds the scores of sixteen queries against one key. The softmax therefore needs no sum across
/// the lanes of a vector, and no query waits for another.
@inline(always)
private func attend(_ task: AttentionHead, cap: Float, window: Int) {
  let width = padded(task.headWidth)
  let queries = task.scratch  // [headWidth, 16]
  let values = queries + task.headWidth * vectorWidth  // [keyCount, width]
  let positions = values + task.keyCount * width  // [16]
  let scales = positions + vectorWidth  // [16]
  let weights = scales + vectorWidth  // [keyCount, 16]
  copyKeys(task.value, task.valueStride, task.keyRows, task.keyCount, task.headWidth, values, width)

  var first = 0
  while first < task.queryCount {
    let count = min(vectorWidth, task.queryCount - first)
    let lastKeys = lastKeys(task.positions + first, count, positions)
    // Positions ascend, so the last query sees the most keys.
    let mostSeen = Int(task.positions[first + count - 1]) + 1
    let leastSeen = leastSeen(task.positions[first], window)
    transposeQueries(task.query + first * task.queryStride, task.queryStride, count, task.headWidth, queries)
    dotKeys(
      task.key, task.keyStride, task.keyRows, leastSeen..<mostSeen, queries, task.headWidth, weights)
    var scale = task.scores.scale
    if cap > 0 {
      capScores(weights, leastSeen, mostSeen, task.scores)
      scale = 1
    }
    if window > 0 {
      var keysSeen = lastKeys
      hideKeys(weights, leastSeen, mostSeen, &keysSeen, window, -.infinity)
    }
    let logSumExp = softmax(weights, leastSeen, mostSeen, lastKeys, scale, scales)
    store(logSumExp, positions)
    for i in 0..<count { task.logSumExp[(first + i) * task.logSumExpStride] = positions[i] }
    var query = 0
    while query < count {
      let rows = min(4, count - query)
      let queryPositions = task.positions + first + query
      let rowWeights = neighbours(weights + query)
      let output = task.output + (first + query) * task.outputStride
      var column = 0
      while column < task.headWidth {
        var z = sumSeen(rowWeights, values + column, width, queryPositions, rows, window)
        z = (
          z.0 * scales[query], z.1 * scales[query + 1], z.2 * scales[query + 2], z.3 * scales[query + 3]
        )
        storeFour(z, output + column, task.outputStride, rows, task.headWidth - column)
        column += vectorWidth
      }
      query += 4
    }
    first += count
  }
}

/// Turns dot products [keys, 16] into unnormalised probabilities, which are zero where a query does not see a
/// key. `scales` [16] receives the factor that normalises the probabilities of each query. The keys before `first` are
/// left out.
///
/// - Returns: the log-sum-exp of each query.
@inline(always)
private func softmax(
  _ weights: UnsafeMutablePointer<Float>, _ first: Int, _ keys: Int, _ lastKeys: SIMD16<Int32>,
  _ scale: Float, _ scales: UnsafeMutablePointer<Float>
) -> Vector {
  var greatest = Vector(repeating: -.infinity)
  for key in first..<keys {
    let at = weights + key * vectorWidth
    let scores = seen(load(at) * scale, key, lastKeys, -.infinity)
    store(scores, at)
    greatest = greatest.replacing(with: scores, where: greatest .< scores)
  }
  var totals = Vector(repeating: 0)
  for key in first..<keys {
    let at = weights + key * vectorWidth
    let e = exponential(load(at) - greatest)
    store(e, at)
    totals += e
  }
  store(1 / totals, scales)
  return greatest + logarithm(totals)
}

// The backward uses the functions below too.

/// Computes `Σ_key weights[key, 16]·rows[key, stride]` for four queries with adjacent weights, over the keys
/// that each query sees.
///
/// A key that a query does not see enters none of its sums, whether or not the key's row is finite.
///
/// - Parameters:
///   - positions: the positions of the first `count` ≤ 4 queries, ascending. The sums of the other queries are
///     arbitrary.
///   - window: the largest number of keys that a query sees; 0 for all before it.
@inline(always)
func sumSeen(
  _ weights: FourRows, _ rows: UnsafePointer<Float>, _ stride: Int, _ positions: UnsafePointer<Int32>,
  _ count: Int, _ window: Int
) -> FourVectors {
  if window > 0 {
    var sums = fourZeros()
    sumInWindow(&sums, weights, rows, stride, positions, count, window)
    return sums
  }
  // Positions ascend: the first query sees the fewest keys, the last one the most.
  let (seenByAll, seen) = (Int(positions[0]) + 1, Int(positions[count - 1]) + 1)
  var sums = fourZeros()
  for key in 0..<seenByAll { accumulate(&sums, weights, key * vectorWidth, load(rows + key * stride)) }
  var query = 1
  for key in seenByAll..<seen {
    while Int(positions[query]) < key { query += 1 }
    accumulate(&sums, weights, key * vectorWidth, load(rows + key * stride), from: query)
  }
  return sums
}

/// The last key that each of sixteen queries sees, or −1 in the lanes without a query.
///
/// - Parameter scratch: room for sixteen floats; overwritten.
@inline(always)
func lastKeys(
  _ positions: UnsafePointer<Int32>, _ count: Int, _ scratch: UnsafeMutablePointer<Float>
) -> SIMD16<Int32> {
  for i in 0..<vectorWidth {
    scratch[i] = Float(bitPattern: UInt32(bitPattern: i < count ? positions[i] : -1))
  }
  return bits(load(scratch))
}

/// A vector with the lanes of `v` for the queries that see the key, and the lanes of `others` for the rest.
@inline(always)
func seen(_ v: Vector, _ key: Int, _ lastKeys: SIMD16<Int32>, _ others: Vector) -> Vector {
  // All bits are set in the lanes that keep `v`. A comparison of integers would compile to a loop over lanes.
  let stays = (Int32(truncatingIfNeeded: key - 1) &- lastKeys) &>> 31
  return vector((bits(v) & stays) | (bits(others) & ~stays))
}

@inline(always)
func seen(_ v: Vector, _ key: Int, _ lastKeys: SIMD16<Int32>, _ filler: Float) -> Vector {
  seen(v, key, lastKeys, Vector(repeating: filler))
}

/// Transposes [count ≤ 16, headWidth] to [headWidth, 16]. Lanes without a query hold arbitrary values.
@inline(always)
func transposeQueries(
  _ rows: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ headWidth: Int,
  _ target: UnsafeMutablePointer<Float>
) {
  transpose(rows, stride, count, headWidth, target, vectorWidth, width: wholeFours(count))
}

/// Computes the dot products of each key, or each value, with sixteen columns.
///
/// - Parameters:
///   - keys: the keys that are multiplied.
///   - products: [keys, 16], with room for the last of them, rounded up to a multiple of four after the first.
@inline(always)
func dotKeys(
  _ rows: UnsafePointer<Float>, _ stride: Int, _ keyRows: UnsafePointer<Int32>?, _ keys: Range<Int>,
  _ columns: UnsafePointer<Float>, _ depth: Int, _ products: UnsafeMutablePointer<Float>
) {
  var key = keys.lowerBound
  while key < keys.upperBound {
    let four = fourKeys(rows, stride, keyRows, key, min(4, keys.upperBound - key))
    storeFour(dotColumns(four, depth, columns, vectorWidth), products + key * vectorWidth, vectorWidth)
    key += 4
  }
}

/// Pointers to four adjacent columns of a matrix.
@inline(always)
func neighbours(_ base: UnsafePointer<Float>) -> FourRows { (base, base + 1, base + 2, base + 3) }

/// Copies [rows, columns] to [rows, stride], with zeros after the columns of each row.
@inline(always)
func copyRows(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
  _ target: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for row in 0..<rows { copyRow(source + row * sourceStride, columns, target + row * stride) }
}

/// Does the same for the rows of keys, or of values.
@inline(never)
func copyKeys(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ keyRows: UnsafePointer<Int32>?, _ keys: Int,
  _ columns: Int, _ target: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for key in 0..<keys {
    let row = keyRows.map { Int($0[key]) } ?? key
    copyRow(source + row * sourceStride, columns, target + key * stride)
  }
}

@inline(always)
private func copyRow(
  _ source: UnsafePointer<Float>, _ columns: Int, _ target: UnsafeMutablePointer<Float>
) {
  var column = 0
  while column < columns {
    store(load(source + column, columns - column), target + column)
    column += vectorWidth
  }
}

extension VariantKernels {
  package static func attention(_ task: AttentionHead) {
    if task.scores.cap == 0, task.scores.window == 0 {
      attendPlainly(task)
    } else {
      attendWithCapOrWindow(task)
    }
  }
}

/// Attention without a cap and a window, whose code compiles away.
@inline(never)
private func attendPlainly(_ task: AttentionHead) { attend(task, cap: 0, window: 0) }

@inline(never)
private func attendWithCapOrWindow(_ task: AttentionHead) {
  attend(task, cap: task.scores.cap, window: task.scores.window)
}
