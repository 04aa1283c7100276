/// Kernels of attention.
package protocol AttentionKernels {
  static func attention(_ task: AttentionHead)
  static func attentionBackward(_ task: AttentionHeadBackward)
  /// Brings rows into the cache. The result has no meaning.
  static func touch(_ span: RowSpan) -> Float
}

/// How the scores of a head are made of products, and which keys its queries see.
package struct HeadScores {
  /// What products are multiplied by.
  package var scale: Float
  /// A score s becomes `cap·tanh(s/cap)`; 0 without a cap.
  package var cap: Float
  /// The largest number of keys that a query sees; 0 for all before it.
  package var window: Int

  package init(scale: Float, cap: Float, window: Int) {
    self.scale = scale
    self.cap = cap
    self.window = window
  }
}

/// The arguments for one head of one sequence. Pointers point at the head's first column and the sequence's
/// first row; with ``keyRows``, those of keys and values at the first row of all.
package struct AttentionHead {
  package var query: UnsafePointer<Float>
  package var queryStride: Int
  package var key: UnsafePointer<Float>
  package var keyStride: Int
  package var value: UnsafePointer<Float>
  package var valueStride: Int
  /// For each key of the sequence, the row that holds it and its value; nil if these are neighbours, in order.
  package var keyRows: UnsafePointer<Int32>?
  package var output: UnsafeMutablePointer<Float>
  package var outputStride: Int
  package var logSumExp: UnsafeMutablePointer<Float>
  package var logSumExpStride: Int
  /// For each query, the last key that it sees.
  package var positions: UnsafePointer<Int32>
  package var queryCount: Int
  package var keyCount: Int
  package var headWidth: Int
  package var scores: HeadScores
  /// ``scratchCount(keyCount:headWidth:)`` floats.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
    query: UnsafePointer<Float>, queryStride: Int, key: UnsafePointer<Float>, keyStride: Int,
    value: UnsafePointer<Float>, valueStride: Int, keyRows: UnsafePointer<Int32>?,
    output: UnsafeMutablePointer<Float>, outputStride: Int,
    logSumExp: UnsafeMutablePointer<Float>, logSumExpStride: Int, positions: UnsafePointer<Int32>,
    queryCount: Int, keyCount: Int, headWidth: Int, scores: HeadScores, scratch: UnsafeMutablePointer<Float>
  ) {
    self.query = query
    self.queryStride = queryStride
    self.key = key
    self.keyStride = keyStride
    self.value = value
    self.valueStride = valueStride
    self.keyRows = keyRows
    self.output = output
    self.outputStride = outputStride
    self.logSumExp = logSumExp
    self.logSumExpStride = logSumExpStride
    self.positions = positions
    self.queryCount = queryCount
    self.keyCount = keyCount
    self.headWidth = headWidth
    self.scores = scores
    self.scratch = scratch
  }

  /// Room for sixteen transposed queries, the values, the weights of the sixteen queries, and two vectors.
  package static func scratchCount(keyCount: Int, headWidth: Int) -> Int {
    let lanes = KernelSizes.vectorWidth
    return headWidth * lanes + keyCount * padded(headWidth) + (keyCount + 3) * lanes + 2 * lanes
  }
}

/// The arguments for the backward of ``AttentionHead``.
package struct AttentionHeadBackward {
  package var query: UnsafePointer<Float>
  package var queryStride: Int
  package var key: UnsafePointer<Float>
  package var keyStride: Int
  package var value: UnsafePointer<Float>
  package var valueStride: Int
  /// As in ``AttentionHead``.
  package var keyRows: UnsafePointer<Int32>?
  package var logSumExp: UnsafePointer<Float>
  package var logSumExpStride: Int
  package var outputGradient: UnsafePointer<Float>
  package var outputGradientStride: Int
  package var queryGradient: UnsafeMutablePointer<Float>
  package var queryGradientStride: Int
  package var keyGradient: UnsafeMutablePointer<Float>
  package var keyGradientStride: Int
  package var valueGradient: UnsafeMutablePointer<Float>
  package var valueGradientStride: Int
  package var positions: UnsafePointer<Int32>
  package var queryCount: Int
  package var keyCount: Int
  package var headWidth: Int
  package var scores: HeadScores
  /// ``scratchCount(keyCount:headWidth:isCapped:)`` floats.
  package var scratch: UnsafeMutablePointer<Float>

  package init(
    query: UnsafePointer<Float>, queryStride: Int, key: UnsafePointer<Float>, keyStride: Int,
    value: UnsafePointer<Float>, valueStride: Int, keyRows: UnsafePointer<Int32>?,
    logSumExp: UnsafePointer<Float>, logSumExpStride: Int,
    outputGradient: UnsafePointer<Float>, outputGradientStride: Int,
    queryGradient: UnsafeMutablePointer<Float>, queryGradientStride: Int,
    keyGradient: UnsafeMutablePointer<Float>, keyGradientStride: Int,
    valueGradient: UnsafeMutablePointer<Float>, valueGradientStride: Int, positions: UnsafePointer<Int32>,
    queryCount: Int, keyCount: Int, headWidth: Int, scores: HeadScores, scratch: UnsafeMutablePointer<Float>
  ) {
    self.query = query
    self.queryStride = queryStride
    self.key = key
    self.keyStride = keyStride
    self.value = value
    self.valueStride = valueStride
    self.keyRows = keyRows
    self.logSumExp = logSumExp
    self.logSumExpStride = logSumExpStride
    self.outputGradient = outputGradient
    self.outputGradientStride = outputGradientStride
    self.queryGradient = queryGradient
    self.queryGradientStride = queryGradientStride
    self.keyGradient = keyGradient
    self.keyGradientStride = keyGradientStride
    self.valueGradient = valueGradient
    self.valueGradientStride = valueGradientStride
    self.positions = positions
    self.queryCount = queryCount
    self.keyCount = keyCount
    self.headWidth = headWidth
    self.scores = scores
    self.scratch = scratch
  }

  /// Room for sixteen queries and output gradients, both transposed and as rows, the keys, the weights and
  /// score gradients of the sixteen and, if they are capped, the slopes of the cap, and a vector.
  package static func scratchCount(keyCount: Int, headWidth: Int, isCapped: Bool) -> Int {
    let (lanes, width) = (KernelSizes.vectorWidth, padded(headWidth))
    let products = (isCapped ? 3 : 2) * (keyCount + 3) * lanes
    return 2 * headWidth * lanes + keyCount * width + 2 * lanes * width + products + lanes
  }
}

/// `count` rounded up to whole vectors.
private func padded(_ count: Int) -> Int {
  (count + KernelSizes.vectorWidth - 1) / KernelSizes.vectorWidth * KernelSizes.vectorWidth
}

/// A block of a matrix: `rows` rows of `columns` adjacent columns.
package struct RowSpan {
  package var base: UnsafePointer<Float>
  package var stride: Int
  package var rows: Int
  package var columns: Int

  package init(base: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int) {
    self.base = base
    self.stride = stride
    self.rows = rows
    self.columns = columns
  }
}
