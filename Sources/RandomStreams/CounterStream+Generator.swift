/// Conforms to Swift's own protocol of generators, so that a stream can be passed to functions that take one.
extension CounterStream: RandomNumberGenerator {
  /// The next 64 uniform bits: the next word in the upper half, the word after it in the lower half.
  ///
  /// If the result type is not specified, `next()` means the 32-bit version.
  @_disfavoredOverload
  package mutating func next() -> UInt64 { nextPair() }
}
