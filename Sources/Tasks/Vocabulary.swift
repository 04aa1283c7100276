/// The 104 tokens of every task: the integers 1–99 stand for themselves, four tokens have a role, 0 is unused.
package enum Vocabulary {
  /// The number of tokens, unused ones included: the last dimension of the logits.
  package static let size = 104
  /// The integers that samples are drawn from.
  package static let integers = 1..<100
  /// Fills short prompts of a published batch.
  package static let pad: Int32 = 100
  /// Opens a prompt.
  package static let start: Int32 = 101
  /// Closes a prompt.
  package static let separator: Int32 = 102
  /// Closes a target.
  package static let end: Int32 = 103
}
