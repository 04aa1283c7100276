import Tasks
import Transformer

extension Transformer {
  /// Whether greedy decoding would give each sample's whole target, by one teacher-forced forward: greedy
  /// decoding gives the target exactly when the argmax at every target position is the next target token.
  ///
  /// Lanes run side by side. Rows are streamed through batches of at most `rowLimit` rows. The lanes of a
  /// model must be adjacent.
  ///
  /// - Parameters:
  ///   - lanes: each has samples of one model, any number of them.
  ///   - interventions: one for each lane, or an empty list. They must not use rows of other runs.
  ///   - beforeBatch: called before each batch; what it throws ends the measurement.
  /// - Returns: [lanes][samples]
  /// - Throws: `ModelError.batch`, or what the device throws.
  package func exactMatches(
    _ lanes: [Lane], under interventions: [Intervention] = [], rowLimit: Int = 2048,
    beforeBatch: () throws -> Void = {}
  ) throws -> [[Bool]] {
    try streamed(lanes, interventions, rowLimit, beforeBatch) { batch in
      let correct = try readCorrect(batch)
      return batch.sequenceOutputRows.map { $0.map { $0.allSatisfy { correct[$0] } } }
    }
  }

  /// How well each sequence's targets are predicted: [lanes][sequences]. Parameters and errors are those of `exactMatches`.
  package func targetScores(
    _ lanes: [Lane], rowLimit: Int = 2048, beforeBatch: () throws -> Void = {}
  ) throws -> [[TargetScore]] {
    try streamed(lanes, [], rowLimit, beforeBatch) { try readTargetScores($0) }
  }

  /// Streams lanes through batches.
  ///
  /// - Parameter read: what is read of the forward of each batch: [lanes of the batch][sequences].
  private func streamed<Value>(
    _ lanes: [Lane], _ interventions: [Intervention], _ rowLimit: Int, _ beforeBatch: () throws -> Void,
    read: (Batch) throws -> [[Value]]
  ) throws -> [[Value]] {
    guard interventions.isEmpty || interventions.count == lanes.count else {
      throw ModelError.batch("\(interventions.count) interventions for \(lanes.count) lanes")
    }
    var results = [[Value]](repeating: [], count: lanes.count)
    // For each lane of the batch, the lane that it is a part of.
    var parts: [(lane: Int, sequences: [TokenSequence])] = []
    var rows = 0
    func flush() throws {
      guard !parts.isEmpty else { return }
      try beforeBatch()
      let batch = try Batch(
        parts.map { Lane(model: lanes[$0.lane].model, sequences: $0.sequences) }, .distinct,
        for: configuration, on: device)
      let hooks =
        try interventions.isEmpty ? .none : Hooks.applying(parts.map { interventions[$0.lane] }, to: self)
      try forward(batch, hooks: hooks)
      for (part, values) in zip(parts, try read(batch)) { results[part.lane] += values }
      (parts, rows) = ([], 0)
    }
    for (index, lane) in lanes.enumerated() {
      for sequence in lane.sequences {
        if rows > 0, rows + sequence.tokens.count > rowLimit { try flush() }
        if parts.last?.lane != index { parts.append((index, [])) }
        parts[parts.count - 1].sequences.append(sequence)
        rows += sequence.tokens.count
      }
    }
    try flush()
    return results
  }

  /// For each lane, the share of samples that are answered exactly; 0 without samples.
  package func accuracies(
    _ lanes: [Lane], under interventions: [Intervention] = [], rowLimit: Int = 2048,
    beforeBatch: () throws -> Void = {}
  ) throws -> [Double] {
    try exactMatches(lanes, under: interventions, rowLimit: rowLimit, beforeBatch: beforeBatch)
      .map { matches in
        matches.isEmpty ? 0 : Double(matches.count(where: { $0 })) / Double(matches.count)
      }
  }
}
