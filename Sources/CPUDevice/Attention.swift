import CPUKernelTable
import Compute

extension CPUDevice {
  package func attention(_ operation: Attention) throws {
    try operation.validate()
    let name = Attention.name
    let (query, key, value) = (operation.query, operation.key, operation.value)
    let (output, logSumExp) = (operation.output, operation.logSumExp)
    let q = try floats(query, in: name)
    let k = try floats(key, in: name)
    let v = try floats(value, in: name)
    let z = try floats(output, in: name)
    let l = try floats(logSumExp, in: name)
    let (heads, width, layout) = (operation.heads, operation.headWidth, operation.layout)
    let scores = HeadScores(operation.scores, width, layout)
    let scratch = reserveScratch(
      AttentionHead.scratchCount(keyCount: layout.longestSequence, headWidth: width))
    withLists(layout, operation.keyRows) { positions, keyRows in
      forEachSequence(layout, heads) { sequence, heads, worker in
        let (firstQuery, firstKey) = (sequence.firstQuery, sequence.firstKey)
        let columns = heads.lowerBound * width..<heads.upperBound * width
        touch(q, query, firstQuery, sequence.queryCount, columns)
        touchKeys(k, key, keyRows, sequence, columns)
        touchKeys(v, value, keyRows, sequence, columns)
        // The row at which the pointers to keys and values point.
        let firstKeyRow = keyRows == nil ? firstKey : 0
        for head in heads {
          let column = head * width
          kernels.attention(
            AttentionHead(
              query: q + firstQuery * query.stride + column, queryStride: query.stride,
              key: k + firstKeyRow * key.stride + column, keyStride: key.stride,
              value: v + firstKeyRow * value.stride + column, valueStride: value.stride,
              keyRows: keyRows.map { $0 + firstKey },
              output: z + firstQuery * output.stride + column, outputStride: output.stride,
              logSumExp: l + firstQuery * logSumExp.stride + head, logSumExpStride: logSumExp.stride,
              positions: positions + firstQuery, queryCount: sequence.queryCount,
              keyCount: sequence.keyCount, headWidth: width, scores: scores, scratch: scratch[worker]))
        }
      }
    }
  }

  package func attentionBackward(_ operation: AttentionBackward) throws {
    try operation.validate()
    let name = AttentionBackward.name
    let (query, key, value) = (operation.query, operation.key, operation.value)
    let (logSumExp, outputGradient) = (operation.logSumExp, operation.outputGradient)
    let (queryGradient, keyGradient) = (operation.queryGradient, operation.keyGradient)
    let valueGradient = operation.valueGradient
    let q = try floats(query, in: name)
    let k = try floats(key, in: name)
    let v = try floats(value, in: name)
    // The kernel does not read the output, but a buffer of another device is an error for every operand.
    _ = try own(operation.output.buffer, in: name)
    let l = try floats(logSumExp, in: name)
    let dz = try floats(outputGradient, in: name)
    let dq = try floats(queryGradient, in: name)
    let dk = try floats(keyGradient, in: name)
    let dv = try floats(valueGradient, in: name)
    let (heads, width, layout) = (operation.heads, operation.headWidth, operation.layout)
    let scores = HeadScores(operation.scores, width, layout)
    let scratch = reserveScratch(
      AttentionHeadBackward.scratchCount(
        keyCount: layout.longestSequence, headWidth: width, isCapped: scores.cap > 0))
    withLists(layout, operation.keyRows) { positions, keyRows in
      forEachSequence(layout, heads) { sequence, heads, worker in
        let (firstQuery, firstKey) = (sequence.firstQuery, sequence.firstKey)
        let columns = heads.lowerBound * width..<heads.upperBound * width
        touch(q, query, firstQuery, sequence.queryCount, columns)
        touch(dz, outputGradient, firstQuery, sequence.queryCount, columns)
        touchKeys(k, key, keyRows, sequence, columns)
        touchKeys(v, value, keyRows, sequence, columns)
        // The row at which the pointers to keys and values point.
        let firstKeyRow = keyRows == nil ? firstKey : 0
        for head in heads {
          let column = head * width
          kernels.attentionBackward(
            AttentionHeadBackward(
              query: q + firstQuery * query.stride + column, queryStride: query.stride,
              key: k + firstKeyRow * key.stride + column, keyStride: key.stride,
              value: v + firstKeyRow * value.stride + column, valueStride: value.stride,
              keyRows: keyRows.map { $0 + firstKey },
              logSumExp: l + firstQuery * logSumExp.stride + head, logSumExpStride: logSumExp.stride,
              outputGradient: dz + firstQuery * outputGradient.stride + column,
              outputGradientStride: outputGradient.stride,
              queryGradient: dq + firstQuery * queryGradient.stride + column,
              queryGradientStride: queryGradient.stride,
              keyGradient: dk + firstKey * keyGradient.stride + column, keyGradientStride: keyGradient.stride,
              valueGradient: dv + firstKey * valueGradient.stride + column,
              valueGradientStride: valueGradient.stride, positions: positions + firstQuery,
              queryCount: sequence.queryCount, keyCount: sequence.keyCount, headWidth: width,
              scores: scores, scratch: scratch[worker]))
        }
      }
    }
  }

  /// Brings rows of a sequence into the cache before its heads use them.
  private func touch(
    _ base: UnsafeMutablePointer<Float>, _ matrix: Matrix, _ firstRow: Int, _ rows: Int, _ columns: Range<Int>
  ) {
    _ = kernels.touch(
      RowSpan(
        base: base + firstRow * matrix.stride + columns.lowerBound, stride: matrix.stride, rows: rows,
        columns: columns.count))
  }

  /// Does the same for the keys, or values, of a sequence.
  private func touchKeys(
    _ base: UnsafeMutablePointer<Float>, _ matrix: Matrix, _ keyRows: UnsafePointer<Int32>?,
    _ sequence: AttentionSequence, _ columns: Range<Int>
  ) {
    let (first, count) = (sequence.firstKey, sequence.keyCount)
    guard let keyRows else { return touch(base, matrix, first, count, columns) }
    for key in first..<first + count { touch(base, matrix, Int(keyRows[key]), 1, columns) }
  }

  /// Calls `body` with the positions of queries and the rows of keys. Without queries there are no positions, and it isn't called.
  private func withLists(
    _ layout: AttentionLayout, _ keyRows: KeyRows?,
    _ body: (_ positions: UnsafePointer<Int32>, _ keyRows: UnsafePointer<Int32>?) -> Void
  ) {
    layout.positions.withUnsafeBufferPointer { positions in
      guard let positions = positions.baseAddress else { return }
      guard let keyRows else { return body(positions, nil) }
      keyRows.rows.withUnsafeBufferPointer { body(positions, $0.baseAddress) }
    }
  }

  /// Calls `body` for all heads of all sequences, in parallel.
  ///
  /// A task is all heads of a sequence, because their columns are adjacent in memory. If there are few
  /// sequences, a task is one head, so that every worker has something to do.
  private func forEachSequence(
    _ layout: AttentionLayout, _ heads: Int,
    _ body: (AttentionSequence, _ heads: Range<Int>, _ worker: Int) -> Void
  ) {
    let headsPerTask = layout.sequences.count >= 8 * pool.threadCount ? heads : 1
    let tasks = heads / headsPerTask
    pool.run(layout.sequences.count * tasks) { task, worker in
      let first = task % tasks * headsPerTask
      body(layout.sequences[task / tasks], first..<first + headsPerTask, worker)
    }
  }
}

extension HeadScores {
  fileprivate init(_ scores: AttentionScores, _ headWidth: Int, _ layout: AttentionLayout) {
    self.init(
      scale: scores.scale.map(Float.init) ?? 1 / Float(headWidth).squareRoot(),
      cap: scores.cap.map(Float.init) ?? 0, window: scores.window(in: layout) ?? 0)
  }
}
