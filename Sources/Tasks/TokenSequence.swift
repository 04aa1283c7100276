/// One sequence as the model reads it, together with what it should predict.
package struct TokenSequence: Sendable, Equatable {
  /// The target of a position that has no loss.
  package static let noLoss: Int32 = -100

  /// The T tokens to read.
  package let tokens: [Int32]
  /// What each of the T positions should predict (the targets are not shifted), or `noLoss`.
  package let targets: [Int32]

  /// Other tokens, as many, with the same targets: what another run reads and is scored on.
  package func reading(_ tokens: [Int32]) -> TokenSequence { TokenSequence(tokens: tokens, targets: targets) }

  /// A prompt followed by all tokens of the target except the last. The last position of the prompt predicts
  /// the first target token.
  ///
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - target: at least one token.
  package init(prompt: [Int32], target: [Int32]) {
    self.init(prompt: prompt, padding: 0, upTo: prompt.count, target: target)
  }

  /// As above, with `padding` behind a prompt of fewer than `length` tokens.
  init(prompt: [Int32], padding: Int32, upTo length: Int, target: [Int32]) {
    precondition(!prompt.isEmpty && !target.isEmpty, "a sequence needs a prompt and a target")
    let length = max(length, prompt.count)
    let count = length + target.count - 1
    tokens = [Int32](unsafeUninitializedCapacity: count) { tokens, filled in
      for place in 0..<count {
        tokens[place] =
          place < prompt.count ? prompt[place] : place < length ? padding : target[place - length]
      }
      filled = count
    }
    targets = [Int32](unsafeUninitializedCapacity: count) { targets, filled in
      for place in 0..<count {
        targets[place] = place < length - 1 ? Self.noLoss : target[place - length + 1]
      }
      filled = count
    }
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
