import Tasks

/// The rows in which runs over the same sequences can differ. Attention is causal: where runs have read the same tokens so far,
/// their rows are equal, and so are those of a run that takes outputs from another. A slot of such a run holds only the
/// remaining rows, its tail. Attention reads the keys and values before the tail from an unchanged run.
struct Tails: Equatable {
  /// For each sequence, the position of the first row of its tail: the first position at which the runs read different tokens,
  /// or the first target if that comes before; 0 without a target.
  let starts: [Int]

  init(of runs: Set<Int>, in samples: ForkedForward.Samples) {
    starts = samples.sequences.enumerated().map { index, sequence in
      let end = sequence.targets.firstIndex { $0 >= 0 } ?? 0
      return (0..<end).first { position in
        let tokens = runs.map {
          $0 == 0 ? sequence.tokens[position] : samples.otherRuns[$0 - 1][index][position]
        }
        return tokens.contains { $0 != tokens[0] }
      } ?? end
    }
  }

  private init(starts: [Int]) { self.starts = starts }

  subscript(range: Range<Int>) -> Tails { Tails(starts: Array(starts[range])) }
}

extension Intervention {
  /// The run that it starts from and those that it takes outputs from; nil for an unchanged run, and for one with any other
  /// patch.
  var exchangedRuns: Set<Int>? {
    var runs: Set<Int> = [run]
    for patch in patches {
      guard case .output = patch.site, case .run(let other) = patch.value else { return nil }
      runs.insert(other)
    }
    return patches.isEmpty ? nil : runs
  }
}
