import CPUKernelTable

/// Attention of one head over one sequence, sixteen queries at a time: a vector holds the scores of sixteen queries against
/// one key, so that softmax has no horizontal step and no query waits for another.
func attend(_ task: AttentionHead) {
  let width = padded(task.headWidth)
  let queries = task.scratch  // [headWidth, 16]
  let values = queries + task.headWidth * vectorWidth  // [keyCount, width]
  let positions = values + task.keyCount * width  // [16]
  let scales = positions + vectorWidth  // [16]
  let weights = scales + vectorWidth  // [keyCount, 16]
  copyRows(task.value, task.valueStride, task.keyCount, task.headWidth, values, width)

  var first = 0
  while first < task.queryCount {
    let count = min(vectorWidth, task.queryCount - first)
    let lastKeys = lastKeys(task.positions + first, count, positions)
    // Queries ascend: the last one sees most.
    let mostSeen = Int(task.positions[first + count - 1]) + 1
    transposeQueries(task.query + first * task.queryStride, task.queryStride, count, task.headWidth, queries)
    dotRows(task.key, task.keyStride, mostSeen, queries, task.headWidth, weights)
    let logSumExp = softmax(weights, mostSeen, lastKeys, task.scale, scales)
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
        var z = sumSeen(rowWeights, values + column, width, queryPositions, rows)
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

/// Turns dot products [keys, 16] into unnormalised probabilities, zeros where a query does not see a key; `scales`
/// receives what normalises each query's.
///
/// - Returns: each query's log-sum-exp.
@inline(always)
private func softmax(
  _ weights: UnsafeMutablePointer<Float>, _ keys: Int, _ lastKeys: SIMD16<Int32>, _ scale: Float,
  _ scales: UnsafeMutablePointer<Float>
) -> Vector {
  var greatest = Vector(repeating: -.infinity)
  for key in 0..<keys {
    let at = weights + key * vectorWidth
    let scores = seen(load(at) * scale, key, lastKeys, -.infinity)
    store(scores, at)
    greatest = greatest.replacing(with: scores, where: greatest .< scores)
  }
  var totals = Vector(repeating: 0)
  for key in 0..<keys {
    let at = weights + key * vectorWidth
    let e = exponential(load(at) - greatest)
    store(e, at)
    totals += e
  }
  store(1 / totals, scales)
  return greatest + logarithm(totals)
}

// What the backward uses too.

/// `Σ_key weights[key, 16]·rows[key, stride]` of four queries, whose weights are neighbours, over the keys that each sees.
/// What a query does not see enters none of its sums, be it finite or not.
///
/// - Parameter positions: of the `count` queries there are, ascending.
@inline(always)
func sumSeen(
  _ weights: FourRows, _ rows: UnsafePointer<Float>, _ stride: Int, _ positions: UnsafePointer<Int32>,
  _ count: Int
) -> FourVectors {
  // The first query sees least.
  let (seenByAll, seen) = (Int(positions[0]) + 1, Int(positions[count - 1]) + 1)
  var sums = fourZeros()
  for key in 0..<seenByAll { gain(&sums, weights, key * vectorWidth, load(rows + key * stride)) }
  var query = 1
  for key in seenByAll..<seen {
    while Int(positions[query]) < key { query += 1 }
    gain(&sums, weights, key * vectorWidth, load(rows + key * stride), from: query)
  }
  return sums
}

/// The last key that each of sixteen queries sees; −1 of those that are not there. `scratch` has room for sixteen.
@inline(always)
func lastKeys(
  _ positions: UnsafePointer<Int32>, _ count: Int, _ scratch: UnsafeMutablePointer<Float>
) -> SIMD16<Int32> {
  for i in 0..<vectorWidth {
    scratch[i] = Float(bitPattern: UInt32(bitPattern: i < count ? positions[i] : -1))
  }
  return bits(load(scratch))
}

/// The lanes of the queries that see the key, those of `others` in the place of the rest.
@inline(always)
func seen(_ v: Vector, _ key: Int, _ lastKeys: SIMD16<Int32>, _ others: Vector) -> Vector {
  // All bits of the lanes that stay. A comparison of integers would be a loop over lanes.
  let stays = (Int32(truncatingIfNeeded: key - 1) &- lastKeys) &>> 31
  return vector((bits(v) & stays) | (bits(others) & ~stays))
}

@inline(always)
func seen(_ v: Vector, _ key: Int, _ lastKeys: SIMD16<Int32>, _ filler: Float) -> Vector {
  seen(v, key, lastKeys, Vector(repeating: filler))
}

/// [count ≤ 16, headWidth] to [headWidth, 16]; lanes that are not there hold anything.
@inline(always)
func transposeQueries(
  _ rows: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ headWidth: Int,
  _ target: UnsafeMutablePointer<Float>
) {
  transpose(rows, stride, count, headWidth, target, vectorWidth, width: wholeFours(count))
}

/// Each row's dot products with sixteen columns: [count, 16], with room for whole fours of rows.
@inline(always)
func dotRows(
  _ rows: UnsafePointer<Float>, _ stride: Int, _ count: Int, _ columns: UnsafePointer<Float>,
  _ depth: Int, _ products: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < count {
    let four = fourRows(rows, stride, row, min(4, count - row))
    storeFour(dotColumns(four, depth, columns, vectorWidth), products + row * vectorWidth, vectorWidth)
    row += 4
  }
}

/// Four neighbouring columns.
@inline(always)
func neighbours(_ base: UnsafePointer<Float>) -> FourRows { (base, base + 1, base + 2, base + 3) }

/// [rows, columns] to [rows, stride], zeros behind the columns.
@inline(always)
func copyRows(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
  _ target: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for row in 0..<rows {
    var column = 0
    while column < columns {
      store(load(source + row * sourceStride + column, columns - column), target + row * stride + column)
      column += vectorWidth
    }
  }
}

extension VariantKernels {
  package static func attention(_ task: AttentionHead) { attend(task) }
}
