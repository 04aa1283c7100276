/// Bit patterns, compared as a whole: NaN equals itself, and 0 does not equal −0.
///
/// It is not a collection, because a failing expectation would search the differences of two collections,
/// element by element, for minutes.
package struct Bits: Equatable, CustomStringConvertible, CustomReflectable {
  package let patterns: [UInt32]

  package var description: String { "\(patterns.count) values of hash \(patterns.hashValue)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Collection where Element == Float {
  package var bits: Bits { Bits(patterns: map(\.bitPattern)) }
}
