import RandomStreams

/// An algorithmic task: what a sequence of integers is to be turned into.
///
/// A new task is one file that defines it and one line in `TaskCatalogue`.
package struct IntegerTask: Sendable {
  /// The name in files and on the command line.
  package let name: String
  /// The name in reports.
  package let title: String
  /// The target integers of a sequence of integers: at least one, at most as many as it has.
  package let target: @Sendable ([Int]) -> [Int]

  package init(name: String, title: String, target: @escaping @Sendable ([Int]) -> [Int]) {
    self.name = name
    self.title = title
    self.target = target
  }

  /// Draws a sample: its length, uniform in `length`, then its integers, each uniform in 1...99 with repetition. A
  /// length of one possible value takes nothing from the stream.
  ///
  /// - Precondition: `length` begins at 1 or above.
  package func sample(length: ClosedRange<Int>, from stream: inout some RandomStream) -> Sample {
    precondition(length.lowerBound >= 1, "a sample has at least one integer")
    let count = stream.integer(in: Range(length))
    return sample(of: (0..<count).map { _ in stream.integer(in: Vocabulary.integers) })
  }

  /// Draws `count` samples, one whole after the other.
  ///
  /// - Precondition: `length` begins at 1 or above.
  package func samples(
    _ count: Int, length: ClosedRange<Int>, from stream: inout some RandomStream
  ) -> [Sample] {
    (0..<max(0, count)).map { _ in sample(length: length, from: &stream) }
  }

  /// The sample of given integers, each in 1...99.
  package func sample(of integers: [Int]) -> Sample {
    Sample(integers: integers, answer: target(integers))
  }
}
