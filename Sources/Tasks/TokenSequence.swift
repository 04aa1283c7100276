/// One sequence as the model reads it, together with what it should predict.
package struct TokenSequence: Sendable, Equatable {
  /// The target of a position that has no loss.
  package static let noLoss: Int32 = -100

  /// The T tokens to read.
  package let tokens: [Int32]
  /// What each of the T positions should predict (the targets are not shifted), or `noLoss`.
  package let targets: [Int32]

  /// A prompt followed by all tokens of the target except the last. The last position of the prompt predicts
  /// the first target token.
  ///
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - target: at least one token.
  package init(prompt: [Int32], target: [Int32]) {
    precondition(!prompt.isEmpty && !target.isEmpty, "a sequence needs a prompt and a target")
    tokens = prompt + target.dropLast()
    targets = Array(repeating: Self.noLoss, count: prompt.count - 1) + target
  }

  /// Any tokens, with a target or `noLoss` for each.
  ///
  /// - Parameters:
  ///   - tokens: T of them.
  ///   - targets: T of them.
  package init(tokens: [Int32], targets: [Int32]) {
    precondition(tokens.count == targets.count, "every token needs a target or `noLoss`")
    self.tokens = tokens
    self.targets = targets
  }
}
