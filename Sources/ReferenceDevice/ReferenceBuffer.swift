import Compute

/// A buffer in host memory. Floats are kept as Double and integers as Int, so that nothing is rounded
/// between operations.
final class ReferenceBuffer: Buffer {
  let elementType: ElementType
  let count: Int
  /// The elements of a float32 buffer; empty in an int32 one.
  var values: [Double]
  /// The elements of an int32 buffer; empty in a float32 one.
  var integers: [Int]

  init(values: [Double]) {
    elementType = .float32
    count = values.count
    self.values = values
    integers = []
  }

  init(integers: [Int]) {
    elementType = .int32
    count = integers.count
    values = []
    self.integers = integers
  }
}
