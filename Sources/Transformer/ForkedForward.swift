import Compute
import Tasks

/// One pass over samples under many interventions. Interventions share all rows before the first place where
/// they differ: a tree that starts with one slot per run and splits where patches do. Twenty single ablations
/// of a four-block model cost about as much as ten forwards, all 190 pairs about as much as seventy.
///
/// The result of an intervention equals, bit for bit, that of a forward under this intervention alone.
package struct ForkedForward {
  /// Samples, and other runs over the same rows.
  package struct Samples: Sendable {
    /// The sequences of run 0. Every run is scored on their targets.
    package var sequences: [TokenSequence]
    /// Runs 1, 2, …: for each run and sequence, as many tokens as the sequence has.
    package var otherRuns: [[[Int32]]]
    /// For each sequence and position, a wrong answer with which the target is compared.
    package var foils: [[Int32]]?
    /// Whether scores say how far every prediction is from that of run 0 without patches.
    package var measuresDivergence = false

    package init(_ sequences: [TokenSequence], otherRuns: [[[Int32]]] = [], foils: [[Int32]]? = nil) {
      self.sequences = sequences
      self.otherRuns = otherRuns
      self.foils = foils
    }
  }

  /// The smallest number of sequences in a pass, so that the matrix products of its shared beginning are
  /// large enough.
  private static let fewestSequences = 4
  /// The default number of rows at the widest place of a pass.
  package static let defaultRowLimit = 4096

  package let transformer: Transformer

  package init(_ transformer: Transformer) { self.transformer = transformer }

  /// Scores of every sequence under every intervention: [interventions][sequences]. Equal interventions are
  /// computed once.
  ///
  /// - Parameter rowLimit: the number of rows at a time in the widest part. Sequences are streamed through,
  ///   and many interventions are divided among passes. A single sequence that needs more rows exceeds the
  ///   limit.
  /// - Throws: `ModelError.batch` for sites that the model does not have, two patches at one site, constants of
  ///   another width, differences that cannot reach their site, runs that do not exist, and runs of other lengths.
  package func scores(
    _ samples: Samples, _ interventions: [Intervention], rowLimit: Int = defaultRowLimit
  ) throws -> [[TargetScore]] {
    var results = [[TargetScore]](repeating: [], count: interventions.count)
    try forEachPass(samples, interventions, .live, rowLimit: rowLimit) { pass, batch, group in
      for (index, scores) in zip(group, try pass.scores(batch)) { results[index] += scores }
    }
    return results
  }

  /// The logits at every position under every intervention: [interventions][all tokens, vocabulary].
  /// Parameters and errors are those of `scores`.
  package func logits(
    _ samples: Samples, _ interventions: [Intervention], rowLimit: Int = defaultRowLimit
  ) throws -> [[Float]] {
    var results = [[Float]](repeating: [], count: interventions.count)
    try forEachPass(samples, interventions, .all, rowLimit: rowLimit) { pass, batch, group in
      for (index, logits) in zip(group, try pass.logits(batch)) { results[index] += logits }
    }
    return results
  }

  /// Runs passes over all samples under all interventions.
  ///
  /// - Parameter use: called with a finished pass, its batch, and the indices of its interventions. Every
  ///   intervention sees the samples in their order.
  private func forEachPass(
    _ samples: Samples, _ interventions: [Intervention], _ selection: RowSelection, rowLimit: Int,
    _ use: (ForkedPass, Batch, [Int]) throws -> Void
  ) throws {
    try check(samples)
    for intervention in interventions {
      try intervention.check(for: transformer.configuration, runs: samples.otherRuns.count + 1)
    }
    let constants = try ConstantVectors(interventions, on: transformer.device)
    for group in groups(interventions, samples, selection, rowLimit: rowLimit) {
      // The clean run comes last. It shares its slot with an equal intervention.
      let clean: [Intervention] = samples.measuresDivergence ? [.none] : []
      let tree = ForkTree(group.map { interventions[$0] } + clean, transformer.order)
      let lanes = LaneBatches(transformer, selection)
      var first = 0
      while first < samples.sequences.count {
        var (count, all, output) = (0, 0, 0)
        for sequence in samples.sequences[first...] {
          all += sequence.tokens.count
          output += selection.outputs(of: sequence)
          if count > 0, tree.rows(all: all, output: output) > rowLimit { break }
          count += 1
        }
        let pass = try ForkedPass(transformer, constants, tree, samples[first..<first + count], lanes)
        try use(pass, pass.run(), group)
        first += count
      }
    }
  }

  /// The interventions of each pass. Neighbours in the order of their patches share most, so each pass takes
  /// neighbours.
  private func groups(
    _ interventions: [Intervention], _ samples: Samples, _ selection: RowSelection, rowLimit: Int
  ) -> [[Int]] {
    guard !samples.sequences.isEmpty, !interventions.isEmpty else { return [] }
    let ranks = ranks(of: interventions)
    let keys = interventions.map { [$0.run] + $0.patches.compactMap { ranks[$0] }.sorted() }
    let order = interventions.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    let tree = ForkTree(interventions, transformer.order)
    let tokens = samples.sequences.reduce(0) { $0 + $1.tokens.count }
    let targets = samples.sequences.reduce(0) { $0 + selection.outputs(of: $1) }
    let sequences = min(Self.fewestSequences, samples.sequences.count)
    let rows = tree.rows(all: tokens, output: targets) * sequences / samples.sequences.count
    let passes = max(1, min(interventions.count, (rows - 1) / max(rowLimit, 1) + 1))
    return (0..<passes).map { pass in
      Array(order[pass * order.count / passes..<(pass + 1) * order.count / passes])
    }
  }

  /// The place of each patch in the order of the forward; patches at the same place keep the order in which
  /// they appear.
  private func ranks(of interventions: [Intervention]) -> [Patch: Int] {
    var met: [Patch: Int] = [:]
    var places: [(place: ForkPlace, patch: Patch)] = []
    for patch in interventions.lazy.flatMap(\.patches) where met[patch] == nil {
      met[patch] = places.count
      places.append((patch.site.forkPlace, patch))
    }
    let order = places.indices.sorted { (places[$0].place, $0) < (places[$1].place, $1) }
    return Dictionary(uniqueKeysWithValues: order.enumerated().map { (places[$1].patch, $0) })
  }

  private func check(_ samples: Samples) throws {
    for run in samples.otherRuns {
      guard run.count == samples.sequences.count,
        zip(run, samples.sequences).allSatisfy({ $0.count == $1.tokens.count })
      else { throw ModelError.batch("every run has as many sequences, and of the same lengths") }
    }
    if let foils = samples.foils { _ = try Batch.foilRows(samples.sequences, foils) }
  }
}

extension RowSelection {
  /// The number of rows of a sequence that have logits.
  fileprivate func outputs(of sequence: TokenSequence) -> Int {
    self == .all ? sequence.tokens.count : sequence.targets.count { $0 >= 0 }
  }
}

extension ForkedForward.Samples {
  subscript(range: Range<Int>) -> ForkedForward.Samples {
    var part = ForkedForward.Samples(
      Array(sequences[range]), otherRuns: otherRuns.map { Array($0[range]) },
      foils: foils.map { Array($0[range]) })
    part.measuresDivergence = measuresDivergence
    return part
  }

  /// The sequences of a run, with the targets on which every run is scored.
  func sequences(ofRun run: Int) -> [TokenSequence] {
    guard run > 0 else { return sequences }
    return zip(otherRuns[run - 1], sequences).map { TokenSequence(tokens: $0, targets: $1.targets) }
  }
}
