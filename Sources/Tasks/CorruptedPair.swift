import RandomStreams

/// A sample and a partner that differs from it in a few integers of its prompt. They are the clean and the
/// corrupted input of activation patching by symmetric token replacement (F. Zhang, N. Nanda,
/// arXiv:2309.16042).
///
/// The two prompts have the same length, and so do the two targets; so every row of one run corresponds to a
/// row of the other.
package struct CorruptedPair: Sendable, Equatable {
  package let clean: Sample
  package let corrupted: Sample

  /// - Precondition: the prompts have equal lengths, and so have the targets.
  package init(clean: Sample, corrupted: Sample) {
    precondition(
      clean.prompt.count == corrupted.prompt.count && clean.target.count == corrupted.target.count,
      "a pair's prompts and targets have equal lengths")
    self.clean = clean
    self.corrupted = corrupted
  }

  /// The clean prompt followed by the clean target.
  package var cleanSequence: TokenSequence { BatchLayout.packedSequence(clean) }

  /// The corrupted prompt followed by the *clean* target. The two runs therefore differ only in the prompt,
  /// and a run in which all targets are right is one whose greedy decoding gives the clean target.
  package var corruptedSequence: TokenSequence {
    TokenSequence(prompt: corrupted.prompt, target: clean.target)
  }

  /// For each position of either sequence: the corrupted sample's target there, or `noLoss`.
  package var foils: [Int32] { BatchLayout.packedSequence(corrupted).targets }
}

/// The error that no partner was found for a sample.
package struct NoPartner: Error, Equatable, Sendable, CustomStringConvertible {
  package let task: String
  package let length: ClosedRange<Int>
  package let replaced: Int

  package init(task: String, length: ClosedRange<Int>, replaced: Int) {
    (self.task, self.length, self.replaced) = (task, length, replaced)
  }

  package var description: String {
    "found no pairs of task '\(task)' whose prompts of \(length.lowerBound) to \(length.upperBound) integers differ in "
      + "\(replaced) and whose targets differ, too, and are of one length"
  }
}

extension IntegerTask {
  private static let attempts = 100

  /// Draws pairs. Each clean sample is drawn as by `sample(length:from:)`, and then its partner. If a hundred
  /// draws give no partner, the clean sample is drawn again.
  ///
  /// - Parameter replaced: the number of integers of the prompt that differ, at least 1.
  /// - Throws: `NoPartner` if a hundred clean samples in a row have no partner.
  package func corruptedPairs(
    _ count: Int, length: ClosedRange<Int>, replacing replaced: Int = 1, from stream: inout some RandomStream
  ) throws(NoPartner) -> [CorruptedPair] {
    var pairs: [CorruptedPair] = []
    var failures = 0
    while pairs.count < count {
      let clean = sample(length: length, from: &stream)
      if let corrupted = partner(of: clean, replacing: replaced, from: &stream) {
        pairs.append(CorruptedPair(clean: clean, corrupted: corrupted))
        failures = 0
      } else {
        failures += 1
        guard failures < Self.attempts else {
          throw NoPartner(task: name, length: length, replaced: replaced)
        }
      }
    }
    return pairs
  }

  /// Draws a partner of a sample. At `replaced` places, drawn without repetition, the integers are replaced
  /// by other integers, uniform among the remaining 98. This is repeated until the targets differ and have
  /// the same length.
  ///
  /// - Returns: nil if a hundred draws give no partner.
  package func partner(
    of clean: Sample, replacing replaced: Int, from stream: inout some RandomStream
  ) -> Sample? {
    guard replaced >= 1, replaced <= clean.integers.count else { return nil }
    for _ in 0..<Self.attempts {
      var places = Array(clean.integers.indices)
      var integers = clean.integers
      for i in 0..<replaced {
        places.swapAt(i, stream.integer(in: i..<places.count))
        let place = places[i]
        let other = stream.integer(in: Vocabulary.integers.dropLast())
        integers[place] = other < integers[place] ? other : other + 1
      }
      let corrupted = sample(of: integers)
      if corrupted.target.count == clean.target.count, corrupted.target != clean.target { return corrupted }
    }
    return nil
  }
}
