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

  /// The default number of rows at the widest place of a pass.
  package static let defaultRowLimit = 4096

  /// The number of rows at the widest place of a pass over a model of any width: as many as take 256 MiB, without logits.
  /// Products of so many rows are as fast as larger ones, and the beginning that the interventions of a pass share is
  /// computed a few more times.
  package static func rowLimit(for configuration: ModelConfiguration) -> Int {
    let row = MemoryEstimate(rowOf: configuration)
    guard row.bytes > 0 else { return defaultRowLimit }
    return max(256, min(defaultRowLimit, Int(268_435_456 / row.bytes)))
  }

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
    let plan = PassPlan(transformer.configuration, selection, rowLimit: rowLimit)
    for group in plan.groups(interventions, samples) {
      let tree = plan.tree(of: group, interventions, samples)
      let lanes = LaneBatches(transformer, selection, wholeLanes: tree.givers)
      for piece in plan.pieces(tree, group.tails, samples) {
        let pass = try ForkedPass(
          transformer, constants, tree, samples[piece], group.tails?[piece], lanes)
        try use(pass, pass.run(), group.members)
      }
    }
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
    return zip(otherRuns[run - 1], sequences).map { $1.reading($0) }
  }
}
