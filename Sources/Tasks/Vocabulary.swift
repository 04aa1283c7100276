/// The 104 tokens of every task. The integers 1–99 are their own tokens, four tokens have a role, and 0 is
/// unused.
package enum Vocabulary {
  /// The number of tokens, unused ones included: the last dimension of the logits.
  package static let size = 104
  /// The integers that samples are drawn from.
  package static let integers = 1..<100
  /// Fills short prompts in a batch of the published layout.
  package static let pad: Int32 = 100
  /// Opens a prompt.
  package static let start: Int32 = 101
  /// Closes a prompt.
  package static let separator: Int32 = 102
  /// Closes a target.
  package static let end: Int32 = 103
}
