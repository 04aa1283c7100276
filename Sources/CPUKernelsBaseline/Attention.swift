import CPUKernelTable
import Foundation

/// Attention of one head over one sequence, four queries at a time. Keys lie transposed in scratch, so that a
/// vector holds the scores of 16 keys and softmax needs no horizontal step inside the loops.
func attention(_ task: AttentionHead) {
  let (keys, width) = (padded(task.keyCount), padded(task.headWidth))
  let keysTransposed = task.scratch  // [headWidth, keys]
  let values = keysTransposed + task.headWidth * keys  // [keyCount, width]
  let probabilities = values + task.keyCount * width  // [4, keys]
  // Kept, or the compiler would see that nobody needs the sum.
  probabilities[4 * keys] =
    touch(task.key, task.keyStride, task.keyCount, task.headWidth)
    + touch(task.value, task.valueStride, task.keyCount, task.headWidth)
    + touch(task.query, task.queryStride, task.queryCount, task.headWidth)
  transpose(task.key, task.keyStride, task.keyCount, task.headWidth, keysTransposed, keys, width: keys)
  copyRows(task.value, task.valueStride, task.keyCount, task.headWidth, values, width)

  var first = 0
  while first < task.queryCount {
    let count = min(4, task.queryCount - first)
    let query = fourRows(task.query, task.queryStride, first, count)
    let rows = fourRows(probabilities, keys, 0, 4)
    // Queries ascend: the last of the four sees most.
    let mostSeen = Int(task.positions[first + count - 1]) + 1
    var j = 0
    while j < mostSeen {
      storeFour(dotColumns(query, task.headWidth, keysTransposed + j, keys), probabilities + j, keys)
      j += vectorWidth
    }
    var scales = (Float(0), Float(0), Float(0), Float(0))
    for i in 0..<count {
      let row = probabilities + i * keys
      let total = softmax(row, Int(task.positions[first + i]) + 1, mostSeen, task.scale)
      task.logSumExp[(first + i) * task.logSumExpStride] = total.greatest + log(total.sum)
      switch i {
      case 0: scales.0 = 1 / total.sum
      case 1: scales.1 = 1 / total.sum
      case 2: scales.2 = 1 / total.sum
      default: scales.3 = 1 / total.sum
      }
    }
    var column = 0
    while column < task.headWidth {
      var z = fourZeros()
      for j in 0..<mostSeen { gain(&z, rows, j, load(values + j * width + column)) }
      z = (z.0 * scales.0, z.1 * scales.1, z.2 * scales.2, z.3 * scales.3)
      storeFour(
        z, task.output + first * task.outputStride + column, task.outputStride, count, task.headWidth - column
      )
      column += vectorWidth
    }
    first += count
  }
}

/// Turns a row of dot products into unnormalised probabilities, zeros where the query sees no key.
@inline(always)
private func softmax(
  _ row: UnsafeMutablePointer<Float>, _ seen: Int, _ count: Int, _ scale: Float
) -> (greatest: Float, sum: Float) {
  var most = Vector(repeating: -.infinity)
  var j = 0
  while j < count {
    let scores = masked(load(row + j) * scale, seen - j, -.infinity)
    store(scores, row + j)
    most = most.replacing(with: scores, where: most .< scores)
    j += vectorWidth
  }
  let greatestScore = greatest(most)
  var totals = Vector(repeating: 0)
  j = 0
  while j < count {
    let e = exponential(load(row + j) - greatestScore)
    store(e, row + j)
    totals += e
    j += vectorWidth
  }
  return (greatestScore, sum(totals))
}

/// Lanes from `count` on become `filler`.
@inline(always)
func masked(_ v: Vector, _ count: Int, _ filler: Float) -> Vector {
  let lanes = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  // All bits of the lanes that stay. A comparison of integers would be a loop over lanes.
  let stays = (lanes &- Int32(truncatingIfNeeded: count)) &>> 31
  return vector((bits(v) & stays) | (bits(Vector(repeating: filler)) & ~stays))
}

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
