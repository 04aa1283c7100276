import Tasks
import Transformer

/// Samples for one model to answer under one intervention.
package struct EvaluationJob {
  package var model: Int
  package var sequences: [TokenSequence]
  package var intervention: Intervention

  package init(_ sequences: [TokenSequence], _ intervention: Intervention = .none, model: Int = 0) {
    self.model = model
    self.sequences = sequences
    self.intervention = intervention
  }
}

extension Transformer {
  /// Whether each sample's whole target is what greedy decoding would give, by one teacher-forced forward: a
  /// greedy decode equals the target exactly when every target position's argmax is the next target token.
  ///
  /// Jobs run side by side as lanes; rows are streamed through batches of at most `rowLimit` rows. A model's
  /// jobs stand together. Not for patches, whose rows belong to one batch.
  package func exactMatches(
    _ jobs: [EvaluationJob], means: ComponentMeans? = nil, rowLimit: Int = 2048
  ) throws -> [[Bool]] {
    var results = [[Bool]](repeating: [], count: jobs.count)
    var lanes: [(job: Int, sequences: [TokenSequence])] = []
    var rows = 0
    func flush() throws {
      guard !lanes.isEmpty else { return }
      let batch = try Batch(
        lanes.map { Lane(model: jobs[$0.job].model, sequences: $0.sequences) }, .distinct, for: configuration,
        on: device)
      let hooks = try Hooks.applying(lanes.map { jobs[$0.job].intervention }, means: means, to: self)
      try forward(batch, hooks: hooks)
      let correct = try readCorrect(batch)
      for (lane, ranges) in zip(lanes, batch.sequenceOutputRows) {
        results[lane.job] += ranges.map { $0.allSatisfy { correct[$0] } }
      }
      (lanes, rows) = ([], 0)
    }
    for (job, work) in jobs.enumerated() {
      for sequence in work.sequences {
        if rows > 0, rows + sequence.tokens.count > rowLimit { try flush() }
        if lanes.last?.job != job { lanes.append((job, [])) }
        lanes[lanes.count - 1].sequences.append(sequence)
        rows += sequence.tokens.count
      }
    }
    try flush()
    return results
  }

  /// The share of samples answered exactly, a job each. A job without samples scores 0.
  package func accuracies(
    _ jobs: [EvaluationJob], means: ComponentMeans? = nil, rowLimit: Int = 2048
  ) throws -> [Double] {
    try exactMatches(jobs, means: means, rowLimit: rowLimit).map { matches in
      matches.isEmpty ? 0 : Double(matches.count(where: { $0 })) / Double(matches.count)
    }
  }
}
