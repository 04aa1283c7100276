import RandomStreams

/// An algorithmic task: a function from a list of integers to the list that the model should give.
///
/// A new task takes one file that defines it and one line in `TaskCatalogue`; docs/adding.md says what else
/// follows. For example:
///
/// ```
/// extension IntegerTask {
///   package static let copy = IntegerTask(name: "copy", title: "Sequence copying") { $0 }
/// }
/// ```
package struct IntegerTask: Sendable {
  /// The name in files and on the command line, such as `sort_descending`.
  package let name: String
  /// The name in reports, such as `Descending sorting`.
  package let title: String
  /// Maps the integers of a prompt to those of the target: at least one, and at most as many as the prompt
  /// has.
  package let target: @Sendable ([Int]) -> [Int]

  package init(name: String, title: String, target: @escaping @Sendable ([Int]) -> [Int]) {
    self.name = name
    self.title = title
    self.target = target
  }

  /// Draws a sample: first its length, uniform in `length`, then its integers, each uniform in 1...99 with
  /// repetition. If `length` has one possible value, no random number is drawn for it.
  ///
  /// - Precondition: `length` begins at 1 or above.
  package func sample(length: ClosedRange<Int>, from stream: inout some RandomStream) -> Sample {
    precondition(length.lowerBound >= 1, "a sample has at least one integer")
    let count = stream.integer(in: Range(length))
    return sample(of: (0..<count).map { _ in stream.integer(in: Vocabulary.integers) })
  }

  /// Draws `count` samples, one after the other.
  ///
  /// - Precondition: `length` begins at 1 or above.
  package func samples(
    _ count: Int, length: ClosedRange<Int>, from stream: inout some RandomStream
  ) -> [Sample] {
    (0..<max(0, count)).map { _ in sample(length: length, from: &stream) }
  }

  /// The sample with the given integers, each in 1...99.
  package func sample(of integers: [Int]) -> Sample {
    Sample(integers: integers, answer: target(integers))
  }
}
