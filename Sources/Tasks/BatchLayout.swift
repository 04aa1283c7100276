/// How a batch of samples becomes sequences.
///
/// Both layouts end each sequence at its last target: later positions could change nothing.
package enum BatchLayout: String, Sendable, Codable, CaseIterable {
  /// Each sample alone: prompt, target.
  case packed
  /// As the published program pads: every prompt is filled with PAD to the longest prompt of its batch before its
  /// target follows.
  case published

  /// The sequences of a batch, in the order of its samples.
  package func sequences(_ samples: [Sample]) -> [TokenSequence] {
    switch self {
    case .packed: samples.map(Self.packedSequence)
    case .published: Self.publishedBatch(samples)
    }
  }

  /// START, N integers, SEP, target without its last token: 2N + 2 tokens, the last N + 1 with a target, where the
  /// solution has N integers.
  package static func packedSequence(_ sample: Sample) -> TokenSequence {
    TokenSequence(prompt: sample.prompt, target: sample.target)
  }

  /// With the longest prompt P tokens long: prompt, PAD up to P tokens, target without its last token. The first
  /// target token is predicted at position P − 1, which is a PAD in all but the longest samples.
  package static func publishedBatch(_ samples: [Sample]) -> [TokenSequence] {
    let longest = samples.map(\.prompt.count).max() ?? 0
    return samples.map { sample in
      let padding = Array(repeating: Vocabulary.pad, count: longest - sample.prompt.count)
      return TokenSequence(prompt: sample.prompt + padding, target: sample.target)
    }
  }

  /// For measuring accuracy, under every protocol: each sample alone, so that none has a PAD.
  package static func evaluationBatch(_ samples: [Sample]) -> [TokenSequence] {
    samples.map(packedSequence)
  }
}
