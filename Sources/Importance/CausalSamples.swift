import RandomStreams
import Tasks
import Transformer

/// Samples with everything that causal measurements need: for each sample its corrupted partner, and its
/// donor, the other sample that replaces it in resampling.
package struct CausalSamples: Sendable {
  /// The sequences of the clean run.
  package private(set) var sequences: [TokenSequence]
  /// For each sample, the tokens of the corrupted run.
  package private(set) var corrupted: [[Int32]]
  /// For each sample, the tokens of its donor, whose prompt and target have the same lengths.
  package private(set) var donors: [[Int32]]
  /// For each sample and position, the target of the corrupted partner.
  package private(set) var foils: [[Int32]]
  /// For each sample, its index among the given pairs.
  package private(set) var pairIndices: [Int]
  /// For each sample, the index of its donor among the given pairs.
  package private(set) var donorIndices: [Int]

  /// Draws donors. Among the samples with equal prompt and target lengths, the donors are a uniform
  /// permutation without fixed points: every sample is a donor once, and none is its own donor. A sample that
  /// is alone with its lengths has no donor and is removed.
  package init(_ pairs: [CorruptedPair], from stream: inout some RandomStream) {
    var lengths: [[Int]: [Int]] = [:]
    for (i, pair) in pairs.enumerated() {
      lengths[[pair.clean.prompt.count, pair.clean.target.count], default: []].append(i)
    }
    let groups = lengths.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    let donor = Self.donors(in: groups, from: &stream)
    pairIndices = pairs.indices.filter { donor[$0] != nil }
    donorIndices = pairIndices.compactMap { donor[$0] }
    sequences = pairIndices.map { pairs[$0].cleanSequence }
    corrupted = pairIndices.map { pairs[$0].corruptedSequence.tokens }
    donors = donorIndices.map { pairs[$0].cleanSequence.tokens }
    foils = pairIndices.map { pairs[$0].foils }
  }

  /// All sequences of a file. Donors are drawn among sequences of equal length with targets at the same positions.
  ///
  /// A run that the data do not have is the clean one: a sequence that is alone with its shape is its own donor, and
  /// without corrupted tokens the corrupted run is the clean run. `hasDonors` says whether resampling means anything.
  package init(_ data: TokenData, from stream: inout some RandomStream) {
    var shapes: [[Bool]: [Int]] = [:]
    for (i, sequence) in data.sequences.enumerated() {
      shapes[sequence.targets.map { $0 >= 0 }, default: []].append(i)
    }
    let donor = Self.donors(in: shapes.values.sorted { $0[0] < $1[0] }, from: &stream)
    pairIndices = Array(data.sequences.indices)
    donorIndices = pairIndices.map { donor[$0] ?? $0 }
    sequences = data.sequences
    corrupted = data.corrupted ?? data.sequences.map(\.tokens)
    donors = donorIndices.map { data.sequences[$0].tokens }
    foils =
      data.foils ?? data.sequences.map { [Int32](repeating: TokenSequence.noLoss, count: $0.tokens.count) }
  }

  /// The donor of each sample of a group with several.
  private static func donors(in groups: [[Int]], from stream: inout some RandomStream) -> [Int: Int] {
    var donor: [Int: Int] = [:]
    for members in groups where members.count > 1 {
      for (i, j) in derangement(members.count, from: &stream).enumerated() { donor[members[i]] = members[j] }
    }
    return donor
  }

  /// Whether every sample has another one as its donor.
  package var hasDonors: Bool { zip(pairIndices, donorIndices).allSatisfy { $0 != $1 } }

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

  /// The samples with their runs in the order of `Run`.
  var forked: ForkedForward.Samples {
    ForkedForward.Samples(sequences, otherRuns: [corrupted, donors], foils: foils)
  }
}

/// A uniform permutation of `0..<count` without fixed points. It is found by shuffling (Fisher–Yates) until
/// there is none; about one in e shuffles succeeds.
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
