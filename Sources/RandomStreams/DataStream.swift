/// A stream of either kind: the protocol of a run decides from which kind the run draws its training data.
package struct DataStream: RandomStream, Equatable {
  private var twister: MersenneTwister?
  private var counter: CounterStream?

  package init(_ twister: MersenneTwister) { self.twister = twister }

  package init(_ counter: CounterStream) { self.counter = counter }

  // Exactly one of the two is set. It draws in place, because copying a Mersenne Twister copies 2.5 kB.

  package mutating func uniform() -> Float { twister?.uniform() ?? counter?.uniform() ?? 0 }

  package mutating func integer(in range: Range<Int>) -> Int {
    twister?.integer(in: range) ?? counter?.integer(in: range) ?? range.lowerBound
  }

  package mutating func normal(count: Int) -> [Float] {
    twister?.normal(count: count) ?? counter?.normal(count: count) ?? []
  }
}

/// Coded as the stream that it wraps; the two kinds have different keys.
extension DataStream: Codable {
  package init(from decoder: any Decoder) throws {
    if let stream = try? CounterStream(from: decoder) {
      self.init(stream)
    } else {
      self.init(try MersenneTwister(from: decoder))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    try twister?.encode(to: encoder)
    try counter?.encode(to: encoder)
  }
}
