import RandomStreams
import Tasks
import Transformer

/// Samples with all that causal measurements need of them: each one's corrupted partner, and the other sample that
/// stands in for it under resampling.
package struct CausalSamples: Sendable {
  /// The clean run.
  package private(set) var sequences: [TokenSequence]
  /// By sample, the corrupted run's tokens.
  package private(set) var corrupted: [[Int32]]
  /// By sample, the tokens of its donor, of equal prompt and target length.
  package private(set) var donors: [[Int32]]
  /// By sample and position, the corrupted partner's target.
  package private(set) var foils: [[Int32]]
  /// By sample: where it and its donor stood among the pairs given.
  package private(set) var pairIndices: [Int]
  package private(set) var donorIndices: [Int]

  /// Draws donors: among the samples of each prompt and target length a uniform permutation without fixed points, so
  /// that every sample gives once and none gets its own. A sample alone of its lengths has no donor and is left
  /// out.
  package init(_ pairs: [CorruptedPair], from stream: inout some RandomStream) {
    var lengths: [[Int]: [Int]] = [:]
    for (i, pair) in pairs.enumerated() {
      lengths[[pair.clean.prompt.count, pair.clean.target.count], default: []].append(i)
    }
    var donor: [Int: Int] = [:]
    for (_, members) in lengths.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where members.count > 1 {
      for (i, j) in derangement(members.count, from: &stream).enumerated() {
        donor[members[i]] = members[j]
      }
    }
    pairIndices = pairs.indices.filter { donor[$0] != nil }
    donorIndices = pairIndices.compactMap { donor[$0] }
    sequences = pairIndices.map { pairs[$0].cleanSequence }
    corrupted = pairIndices.map { pairs[$0].corruptedSequence.tokens }
    donors = donorIndices.map { pairs[$0].cleanSequence.tokens }
    foils = pairIndices.map { pairs[$0].foils }
  }

  package var count: Int { sequences.count }

  /// Some of the samples, with their partners and donors.
  package subscript(range: Range<Int>) -> CausalSamples {
    var result = self
    result.sequences = Array(sequences[range])
    result.corrupted = Array(corrupted[range])
    result.donors = Array(donors[range])
    result.foils = Array(foils[range])
    result.pairIndices = Array(pairIndices[range])
    result.donorIndices = Array(donorIndices[range])
    return result
  }

  /// Runs in the order of `Run`.
  var forked: ForkedForward.Samples {
    ForkedForward.Samples(sequences, otherRuns: [corrupted, donors], foils: foils)
  }
}

/// A uniform permutation of `0..<count` that leaves nothing in its place: shuffles (Fisher–Yates), until one does.
/// About one in e does.
///
/// - Precondition: `count` is not 1.
package func derangement(_ count: Int, from stream: inout some RandomStream) -> [Int] {
  precondition(count != 1, "one thing can't be moved")
  while true {
    var order = Array(0..<count)
    for i in order.indices.dropLast() { order.swapAt(i, stream.integer(in: i..<count)) }
    if !order.enumerated().contains(where: { $0 == $1 }) { return order }
  }
}
