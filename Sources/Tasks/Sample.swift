/// One problem and its solution, as integers and as tokens.
package struct Sample: Sendable, Equatable {
  /// The N integers of the problem.
  package let integers: [Int]
  /// START, the N integers, SEP: N + 2 tokens.
  package let prompt: [Int32]
  /// The integers of the solution, then END: N + 1 tokens, or fewer if the task leaves integers out. A model
  /// solves the sample if it gives all of them.
  package let target: [Int32]

  /// - Parameters:
  ///   - integers: the problem, each in 1...99.
  ///   - answer: the solution, each in 1...99.
  package init(integers: [Int], answer: [Int]) {
    self.integers = integers
    prompt = [Vocabulary.start] + integers.map(Self.token) + [Vocabulary.separator]
    target = answer.map(Self.token) + [Vocabulary.end]
  }

  private static func token(_ integer: Int) -> Int32 {
    precondition(Vocabulary.integers.contains(integer), "\(integer) is not in the vocabulary")
    return Int32(integer)
  }
}
