/// One head of one sequence. Pointers point at the head's first column and the sequence's first row.
public struct AttentionHead {
  public var query: UnsafePointer<Float>
  public var queryStride: Int
  public var key: UnsafePointer<Float>
  public var keyStride: Int
  public var value: UnsafePointer<Float>
  public var valueStride: Int
  public var output: UnsafeMutablePointer<Float>
  public var outputStride: Int
  public var logSumExp: UnsafeMutablePointer<Float>
  public var logSumExpStride: Int
  /// By query: the last key it sees.
  public var positions: UnsafePointer<Int32>
  public var queryCount: Int
  public var keyCount: Int
  public var headWidth: Int
  public var scale: Float
  /// ``scratchCount(keyCount:headWidth:)`` floats.
  public var scratch: UnsafeMutablePointer<Float>

  public init(
    query: UnsafePointer<Float>, queryStride: Int, key: UnsafePointer<Float>, keyStride: Int,
    value: UnsafePointer<Float>, valueStride: Int, output: UnsafeMutablePointer<Float>, outputStride: Int,
    logSumExp: UnsafeMutablePointer<Float>, logSumExpStride: Int, positions: UnsafePointer<Int32>,
    queryCount: Int, keyCount: Int, headWidth: Int, scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    self.query = query
    self.queryStride = queryStride
    self.key = key
    self.keyStride = keyStride
    self.value = value
    self.valueStride = valueStride
    self.output = output
    self.outputStride = outputStride
    self.logSumExp = logSumExp
    self.logSumExpStride = logSumExpStride
    self.positions = positions
    self.queryCount = queryCount
    self.keyCount = keyCount
    self.headWidth = headWidth
    self.scale = scale
    self.scratch = scratch
  }

  /// Sixteen transposed queries, values, weights of the sixteen, and two vectors.
  public static func scratchCount(keyCount: Int, headWidth: Int) -> Int {
    let lanes = CPUKernelTable.vectorWidth
    return headWidth * lanes + keyCount * padded(headWidth) + (keyCount + 3) * lanes + 2 * lanes
  }
}

/// The backward of ``AttentionHead``.
public struct AttentionHeadBackward {
  public var query: UnsafePointer<Float>
  public var queryStride: Int
  public var key: UnsafePointer<Float>
  public var keyStride: Int
  public var value: UnsafePointer<Float>
  public var valueStride: Int
  public var logSumExp: UnsafePointer<Float>
  public var logSumExpStride: Int
  public var outputGradient: UnsafePointer<Float>
  public var outputGradientStride: Int
  public var queryGradient: UnsafeMutablePointer<Float>
  public var queryGradientStride: Int
  public var keyGradient: UnsafeMutablePointer<Float>
  public var keyGradientStride: Int
  public var valueGradient: UnsafeMutablePointer<Float>
  public var valueGradientStride: Int
  public var positions: UnsafePointer<Int32>
  public var queryCount: Int
  public var keyCount: Int
  public var headWidth: Int
  public var scale: Float
  /// ``scratchCount(keyCount:headWidth:)`` floats.
  public var scratch: UnsafeMutablePointer<Float>

  public init(
    query: UnsafePointer<Float>, queryStride: Int, key: UnsafePointer<Float>, keyStride: Int,
    value: UnsafePointer<Float>, valueStride: Int, logSumExp: UnsafePointer<Float>, logSumExpStride: Int,
    outputGradient: UnsafePointer<Float>,
    outputGradientStride: Int, queryGradient: UnsafeMutablePointer<Float>, queryGradientStride: Int,
    keyGradient: UnsafeMutablePointer<Float>, keyGradientStride: Int,
    valueGradient: UnsafeMutablePointer<Float>, valueGradientStride: Int, positions: UnsafePointer<Int32>,
    queryCount: Int, keyCount: Int, headWidth: Int, scale: Float, scratch: UnsafeMutablePointer<Float>
  ) {
    self.query = query
    self.queryStride = queryStride
    self.key = key
    self.keyStride = keyStride
    self.value = value
    self.valueStride = valueStride
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
    self.scale = scale
    self.scratch = scratch
  }

  /// Sixteen queries and output gradients, transposed and as rows, keys, weights and score gradients of the sixteen, and
  /// a vector.
  public static func scratchCount(keyCount: Int, headWidth: Int) -> Int {
    let (lanes, width) = (CPUKernelTable.vectorWidth, padded(headWidth))
    return 2 * headWidth * lanes + keyCount * width + 2 * lanes * width + 2 * (keyCount + 3) * lanes + lanes
  }
}

/// `count` rounded up to whole vectors.
private func padded(_ count: Int) -> Int {
  (count + CPUKernelTable.vectorWidth - 1) / CPUKernelTable.vectorWidth * CPUKernelTable.vectorWidth
}

/// Rows that will be used.
public struct RowSpan {
  public var base: UnsafePointer<Float>
  public var stride: Int
  public var rows: Int
  public var columns: Int

  public init(base: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int) {
    self.base = base
    self.stride = stride
    self.rows = rows
    self.columns = columns
  }
}
