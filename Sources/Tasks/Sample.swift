/// One problem and its solution, as integers and as tokens.
public struct Sample: Sendable, Equatable {
  /// The N integers of the problem.
  public let integers: [Int]
  /// START, the N integers, SEP: N + 2 tokens.
  public let prompt: [Int32]
  /// The solution's integers, END: N + 1 tokens, or fewer where the task leaves integers out. A model is right when it gives all of them.
  public let target: [Int32]

  /// - Parameters:
  ///   - integers: the problem, each in 1...99.
  ///   - answer: the solution, each in 1...99.
  public init(integers: [Int], answer: [Int]) {
    self.integers = integers
    prompt = [Vocabulary.start] + integers.map(Self.token) + [Vocabulary.separator]
    target = answer.map(Self.token) + [Vocabulary.end]
  }

  private static func token(_ integer: Int) -> Int32 {
    precondition(Vocabulary.integers.contains(integer), "\(integer) is not in the vocabulary")
    return Int32(integer)
  }
}
