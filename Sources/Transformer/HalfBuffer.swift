import Compute
import HalfPrecision

/// Single-precision numbers that are kept in half precision. A ``WideningDevice`` reads it; it is written as
/// words, two numbers in each.
final class HalfBuffer: Buffer {
  let count: Int
  let elementType = ElementType.float32
  let format: HalfFormat
  /// int32: two numbers in each element, the first in its lower half.
  let words: any Buffer

  /// Zeros.
  ///
  /// - Throws: `ComputeError.outOfMemory`.
  init(count: Int, _ format: HalfFormat, on memory: any BufferMaking) throws {
    self.count = count
    self.format = format
    words = try memory.makeBuffer(count: count / 2 + count % 2, .int32)
  }
}
