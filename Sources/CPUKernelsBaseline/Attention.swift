import CPUKernelTable
import Foundation

/// Attention of one head over one sequence: keys lie transposed in scratch, so that a vector holds the
/// scores of 16 keys and softmax needs no horizontal step inside the loops.
func attention(_ task: AttentionHead) {
  let (keys, width) = (padded(task.keyCount), padded(task.headWidth))
  let keysTransposed = task.scratch  // [headWidth, keys]
  let values = keysTransposed + task.headWidth * keys  // [keyCount, width]
  let probabilities = values + task.keyCount * width  // [keys]
  transpose(task.key, task.keyStride, task.keyCount, task.headWidth, keysTransposed, keys)
  copyRows(task.value, task.valueStride, task.keyCount, task.headWidth, values, width)

  for i in 0..<task.queryCount {
    let seen = Int(task.positions[i]) + 1
    let q = task.query + i * task.queryStride
    var greatestScore = -Float.infinity
    var j = 0
    while j < seen {
      var scores = dotColumns(q, task.headWidth, keysTransposed + j, keys) * task.scale
      scores = masked(scores, seen - j, -Float.infinity)
      store(scores, probabilities + j)
      greatestScore = max(greatestScore, greatest(scores))
      j += vectorWidth
    }
    var totals = Vector(repeating: 0)
    j = 0
    while j < seen {
      let e = exponential(load(probabilities + j) - greatestScore)
      store(e, probabilities + j)
      totals += e
      j += vectorWidth
    }
    let total = sum(totals)
    let scale = 1 / total
    let output = task.output + i * task.outputStride
    var column = 0
    while column < task.headWidth {
      var z = Vector(repeating: 0)
      for j in 0..<seen { z = multiplyAdd(probabilities[j], load(values + j * width + column), z) }
      store(z * scale, output + column, task.headWidth - column)
      column += vectorWidth
    }
    task.logSumExp[i * task.logSumExpStride] = greatestScore + log(total)
  }
}

/// Probabilities are recomputed from the log-sum-exp; gradients of keys and values gather in scratch.
func attentionBackward(_ task: AttentionHeadBackward) {
  let (keys, width) = (padded(task.keyCount), padded(task.headWidth))
  let keysTransposed = task.scratch  // [headWidth, keys]
  let valuesTransposed = keysTransposed + task.headWidth * keys  // [headWidth, keys]
  let keyRows = valuesTransposed + task.headWidth * keys  // [keyCount, width]
  let keyGradients = keyRows + task.keyCount * width  // [keyCount, width]
  let valueGradients = keyGradients + task.keyCount * width  // [keyCount, width]
  let query = valueGradients + task.keyCount * width  // [width]
  let outputGradient = query + width  // [width]
  let probabilities = outputGradient + width  // [keys]
  let scoreGradients = probabilities + keys  // [keys]
  transpose(task.key, task.keyStride, task.keyCount, task.headWidth, keysTransposed, keys)
  transpose(task.value, task.valueStride, task.keyCount, task.headWidth, valuesTransposed, keys)
  copyRows(task.key, task.keyStride, task.keyCount, task.headWidth, keyRows, width)
  var i = 0
  while i < 2 * task.keyCount * width {
    store(Vector(repeating: 0), keyGradients + i)
    i += vectorWidth
  }

  for i in 0..<task.queryCount {
    let seen = Int(task.positions[i]) + 1
    copyRows(task.query + i * task.queryStride, 0, 1, task.headWidth, query, width)
    copyRows(task.outputGradient + i * task.outputGradientStride, 0, 1, task.headWidth, outputGradient, width)
    let output = task.output + i * task.outputStride
    var products = Vector(repeating: 0)
    var column = 0
    while column < task.headWidth {
      products = multiplyAdd(
        load(outputGradient + column), load(output + column, task.headWidth - column), products)
      column += vectorWidth
    }
    let product = sum(products)
    let logSumExp = task.logSumExp[i * task.logSumExpStride]
    var j = 0
    while j < seen {
      let scores = dotColumns(query, task.headWidth, keysTransposed + j, keys) * task.scale
      let p = masked(exponential(scores - logSumExp), seen - j, 0)
      let dp = dotColumns(outputGradient, task.headWidth, valuesTransposed + j, keys)
      store(p, probabilities + j)
      store(p * (dp - product) * task.scale, scoreGradients + j)
      j += vectorWidth
    }
    let queryGradient = task.queryGradient + i * task.queryGradientStride
    column = 0
    while column < task.headWidth {
      let (q, dz) = (load(query + column), load(outputGradient + column))
      var dq = Vector(repeating: 0)
      for j in 0..<seen {
        let at = j * width + column
        dq = multiplyAdd(scoreGradients[j], load(keyRows + at), dq)
        store(multiplyAdd(scoreGradients[j], q, load(keyGradients + at)), keyGradients + at)
        store(multiplyAdd(probabilities[j], dz, load(valueGradients + at)), valueGradients + at)
      }
      store(dq, queryGradient + column, task.headWidth - column)
      column += vectorWidth
    }
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

/// `Σ_d x[d]·columns[d, 0..<16]`, two sums in flight.
@inline(__always)
private func dotColumns(
  _ x: UnsafePointer<Float>, _ count: Int, _ columns: UnsafePointer<Float>, _ stride: Int
) -> Vector {
  var (even, odd) = (Vector(repeating: 0), Vector(repeating: 0))
  var d = 0
  while d + 2 <= count {
    even = multiplyAdd(x[d], load(columns + d * stride), even)
    odd = multiplyAdd(x[d + 1], load(columns + (d + 1) * stride), odd)
    d += 2
  }
  if d < count { even = multiplyAdd(x[d], load(columns + d * stride), even) }
  return even + odd
}

/// Lanes from `count` on become `filler`.
@inline(__always)
private func masked(_ v: Vector, _ count: Int, _ filler: Float) -> Vector {
  if count >= vectorWidth { return v }
  let lanes = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  return v.replacing(with: filler, where: lanes .>= Int32(count))
}

/// [rows, columns] to [columns, stride], zeros behind the rows.
@inline(__always)
private func transpose(
  _ source: UnsafePointer<Float>, _ sourceStride: Int, _ rows: Int, _ columns: Int,
  _ target: UnsafeMutablePointer<Float>, _ stride: Int
) {
  for row in 0..<rows {
    let from = source + row * sourceStride
    let to = target + row
    for column in 0..<columns { to[column * stride] = from[column] }
  }
  for row in rows..<stride {
    for column in 0..<columns { target[column * stride + row] = 0 }
  }
}

/// [rows, columns] to [rows, stride], zeros behind the columns.
@inline(__always)
private func copyRows(
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
