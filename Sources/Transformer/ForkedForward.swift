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
    try results(samples, interventions, .live, rowLimit: rowLimit) { try $0.scores($1) }
  }

  /// The logits at every position under every intervention: [interventions][all tokens, vocabulary].
  /// Parameters and errors are those of `scores`.
  package func logits(
    _ samples: Samples, _ interventions: [Intervention], rowLimit: Int = defaultRowLimit
  ) throws -> [[Float]] {
    try results(samples, interventions, .all, rowLimit: rowLimit) { try $0.logits($1) }
  }

  /// What is read of passes over all samples under all interventions, by intervention and in the order of the samples.
  ///
  /// - Parameter read: reads a finished pass over some samples and interventions, given its batch. Where rows are shared, it has to
  ///   return one element for each sample.
  private func results<Element>(
    _ samples: Samples, _ interventions: [Intervention], _ selection: RowSelection, rowLimit: Int,
    _ read: (ForkedPass, Batch) throws -> [[Element]]
  ) throws -> [[Element]] {
    try check(samples)
    for intervention in interventions {
      try intervention.check(for: transformer.configuration, runs: samples.otherRuns.count + 1)
    }
    var results = [[Element]](repeating: [], count: interventions.count)
    let constants = try ConstantVectors(interventions, on: transformer.device)
    let plan = PassPlan(
      transformer.configuration, selection, rowLimit: rowLimit, on: transformer.device.description.kind)
    for group in plan.groups(interventions, samples) {
      let tree = plan.tree(of: group, interventions)
      let lanes = LaneBatches(transformer, selection, wholeLanes: tree.givers)
      let pieces = plan.pieces(tree, group)
      let capacity = plan.capacity(tree, group, pieces)
      for piece in pieces {
        let samples = group.samples[piece]
        try lanes.setSequences(
          samples.sequences, group.tails?[piece], shared: group.prefixes?.lengths(in: piece) ?? [])
        let pass = try ForkedPass(transformer, constants, tree, samples, lanes, capacity)
        for (index, values) in zip(group.members, try read(pass, pass.run())) { results[index] += values }
      }
      guard let prefixes = group.prefixes else { continue }
      for index in group.members { results[index] = prefixes.restored(results[index]) }
    }
    return results
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

  /// The samples in another order.
  func ordered(_ order: [Int]) -> ForkedForward.Samples {
    func ordered<Element>(_ values: [Element]) -> [Element] { order.map { values[$0] } }
    var samples = ForkedForward.Samples(
      ordered(sequences), otherRuns: otherRuns.map(ordered), foils: foils.map(ordered))
    samples.measuresDivergence = measuresDivergence
    return samples
  }

  /// The sequences of a run, with the targets on which every run is scored.
  func sequences(ofRun run: Int) -> [TokenSequence] {
    guard run > 0 else { return sequences }
    return zip(otherRuns[run - 1], sequences).map { $1.reading($0) }
  }
}
