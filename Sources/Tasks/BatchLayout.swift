/// How a batch of samples becomes sequences.
///
/// Both layouts end each sequence at its last target, because later positions could not change anything.
package enum BatchLayout: String, Sendable, Codable, CaseIterable {
  /// Each sample on its own: the prompt, then the target.
  case packed
  /// The published program's padding: every prompt is filled with PAD to the length of the longest prompt in
  /// its batch, and then its target follows.
  case published

  /// The sequences of a batch, in the order of its samples.
  package func sequences(_ samples: [Sample]) -> [TokenSequence] {
    switch self {
    case .packed: samples.map(Self.packedSequence)
    case .published: Self.publishedBatch(samples)
    }
  }

  /// START, N integers, SEP, and the target without its last token. If the solution has N integers, that is
  /// 2N + 2 tokens, of which the last N + 1 have a target.
  package static func packedSequence(_ sample: Sample) -> TokenSequence {
    TokenSequence(prompt: sample.prompt, target: sample.target)
  }

  /// If the longest prompt has P tokens: each prompt, PAD up to P tokens, and the target without its last
  /// token. The first target token is predicted at position P − 1, which is a PAD in all but the longest
  /// samples.
  package static func publishedBatch(_ samples: [Sample]) -> [TokenSequence] {
    let prompts = samples.map { $0.prompt }
    let longest = prompts.reduce(0) { max($0, $1.count) }
    return zip(samples, prompts).map { sample, prompt in
      TokenSequence(
        prompt: prompt, padding: Vocabulary.pad, upTo: longest, target: sample.target)
    }
  }

  /// The sequences for measuring accuracy under every protocol: each sample on its own, without PAD.
  package static func evaluationBatch(_ samples: [Sample]) -> [TokenSequence] {
    samples.map(packedSequence)
  }
}
