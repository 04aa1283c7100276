/// Swift's own protocol of generators, so that a stream can be handed to whatever takes one.
extension CounterStream: RandomNumberGenerator {
  /// The next 64 uniform bits: a word above the one after it.
  ///
  /// Where the type is left open, `next()` is the one of 32 bits.
  @_disfavoredOverload
  package mutating func next() -> UInt64 {
    let high: UInt32 = next()
    let low: UInt32 = next()
    return UInt64(high) << 32 | UInt64(low)
  }
}
