import Tasks
import Transformer

extension Transformer {
  /// Whether each sample's whole target is what greedy decoding would give, by one teacher-forced forward: a
  /// greedy decode equals the target exactly when every target position's argmax is the next target token.
  ///
  /// Lanes run side by side; rows are streamed through batches of at most `rowLimit` rows. A model's lanes
  /// stand together.
  ///
  /// - Parameters:
  ///   - lanes: each samples of one model, any number of them.
  ///   - interventions: by lane; none at all for lanes that nothing is done to. They take no rows of other runs.
  /// - Returns: [lanes][samples]
  /// - Throws: `ModelError.batch`, or what the device throws.
  package func exactMatches(
    _ lanes: [Lane], under interventions: [Intervention] = [], rowLimit: Int = 2048
  ) throws -> [[Bool]] {
    guard interventions.isEmpty || interventions.count == lanes.count else {
      throw ModelError.batch("\(interventions.count) interventions for \(lanes.count) lanes")
    }
    var results = [[Bool]](repeating: [], count: lanes.count)
    // Which lane each lane of the batch is a part of.
    var parts: [(lane: Int, sequences: [TokenSequence])] = []
    var rows = 0
    func flush() throws {
      guard !parts.isEmpty else { return }
      let batch = try Batch(
        parts.map { Lane(model: lanes[$0.lane].model, sequences: $0.sequences) }, .distinct,
        for: configuration, on: device)
      let hooks =
        try interventions.isEmpty ? .none : Hooks.applying(parts.map { interventions[$0.lane] }, to: self)
      try forward(batch, hooks: hooks)
      let correct = try readCorrect(batch)
      for (part, ranges) in zip(parts, batch.sequenceOutputRows) {
        results[part.lane] += ranges.map { $0.allSatisfy { correct[$0] } }
      }
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

  /// The share of samples answered exactly, by lane. A lane without samples scores 0.
  package func accuracies(
    _ lanes: [Lane], under interventions: [Intervention] = [], rowLimit: Int = 2048
  ) throws -> [Double] {
    try exactMatches(lanes, under: interventions, rowLimit: rowLimit).map { matches in
      matches.isEmpty ? 0 : Double(matches.count(where: { $0 })) / Double(matches.count)
    }
  }
}
