/// Kernels that measure the roofs of the processor.
package protocol RoofKernels {
  /// Runs chains of multiply-adds in registers. The result has no meaning.
  static func multiplyAdds(_ rounds: Int, _ factor: Float) -> Float
  /// The number of multiplications and additions in one round of ``multiplyAdds(_:_:)``.
  static var multiplyAddsPerRound: Int { get }
  static func triad(_ task: TriadSpan)
}

/// `output[i] = left[i] + scale·right[i]` for `count` elements.
package struct TriadSpan {
  package var left: UnsafePointer<Float>
  package var right: UnsafePointer<Float>
  package var output: UnsafeMutablePointer<Float>
  package var scale: Float
  package var count: Int

  package init(
    left: UnsafePointer<Float>, right: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    scale: Float, count: Int
  ) {
    self.left = left
    self.right = right
    self.output = output
    self.scale = scale
    self.count = count
  }
}
