/// One sequence as a model reads it, with what it should predict.
public struct TokenSequence: Sendable, Equatable {
  /// The target of a position without loss.
  public static let noLoss: Int32 = -100

  /// The tokens read: T of them.
  public let tokens: [Int32]
  /// What each of the T positions should predict (no shift), or `noLoss`.
  public let targets: [Int32]

  /// A prompt followed by all tokens of the target but the last; the prompt's last position predicts the first.
  ///
  /// - Parameters:
  ///   - prompt: at least one token.
  ///   - target: at least one token.
  public init(prompt: [Int32], target: [Int32]) {
    precondition(!prompt.isEmpty && !target.isEmpty, "a sequence needs a prompt and a target")
    tokens = prompt + target.dropLast()
    targets = Array(repeating: Self.noLoss, count: prompt.count - 1) + target
  }

  /// The positions that have a target: the last ones, without a gap.
  public var targetPositions: Range<Int> {
    (targets.firstIndex { $0 != Self.noLoss } ?? targets.endIndex)..<targets.endIndex
  }
}
