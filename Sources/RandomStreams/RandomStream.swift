/// What every generator of this room offers. A task can draw its samples, and a model its initial parameters,
/// from either kind: the published program's Mersenne Twister or a counter-based stream.
///
/// A stream is a value: a copy has the same position and gives the same numbers as the original.
package protocol RandomStream: Sendable {
  /// A uniform value in [0, 1), a multiple of 2⁻²⁴, so every value is exact in single precision.
  mutating func uniform() -> Float

  /// An unbiased uniform integer in `range`. A range of one value draws nothing from the stream.
  ///
  /// - Precondition: `range` is not empty.
  mutating func integer(in range: Range<Int>) -> Int

  /// `count` independent values of the standard normal distribution.
  mutating func normal(count: Int) -> [Float]
}

extension RandomStream {
  /// `count` values uniform on [−bound, bound): u · (2 · bound) − bound in single precision.
  ///
  /// The weight and bias of a linear layer are initialised with bound = 1/√fan_in. Product and sum are
  /// rounded once, together, as PyTorch's `uniform_(-bound, bound)` does on every CPU with a fused
  /// multiply-add, so the values equal PyTorch's bit for bit.
  package mutating func uniform(count: Int, bound: Float) -> [Float] {
    let width = bound - -bound
    var values: [Float] = []
    values.reserveCapacity(max(0, count))
    for _ in 0..<max(0, count) { values.append((-bound).addingProduct(uniform(), width)) }
    return values
  }
}
