/// `output[i] = left[i] + scale·right[i]` for `count` elements.
public struct TriadSpan {
  public var left: UnsafePointer<Float>
  public var right: UnsafePointer<Float>
  public var output: UnsafeMutablePointer<Float>
  public var scale: Float
  public var count: Int

  public init(
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
