import Errors
import Importance
import RandomStreams
import Records
import Statistics
import Tasks
import Transformer

/// Gradient scores, edges and their circuits, a part after another.
extension DataAnalysis {
  func gradients(
    _ transformer: Transformer, _ components: [Component], _ means: ComponentMeans,
    _ batches: [[TokenSequence]], _ parts: AnalysisParts
  ) throws -> ([RunRecord.GradientTable], GradientScores, [RunRecord.KeyGroup]?) {
    let (wanted, configuration) = (measuredScores, transformer.configuration)
    // Only means replace queries and keys by vectors.
    let needsProjections = wanted.contains(.atpQKFix) && estimated == .mean
    let projections = needsProjections ? try ProjectionMeans(transformer, batches: batches) : nil
    var found = GradientScores(components: components, scores: wanted)
    var groups = SharedKeys(configuration)
    var pieces: [Range<Int>] = []
    for batch in batches {
      let first = pieces.last?.upperBound ?? 0
      pieces.append(first..<first + batch.count)
    }
    let takesPartners = estimated == .noising || metric == .logitDifference
    try forEachPart(pieces, "gradients", parts) { index, name in
      let shapes = GradientScores.shapes(wanted, components: components.count, samples: batches[index].count)
      let tables = try parts.part(name, shapes.merging(groups.shapes) { first, _ in first }) {
        var norms: [String: [[Double]]] = [:]
        let scores = try GradientScores(
          transformer, components: components, batches: [batches[index]],
          corrupted: takesPartners ? [pieces[index].map(partner)] : nil, method: estimated, means: means,
          projections: projections, metric: metric, scores: wanted,
          whileWeights: { norms = try groups.tables(transformer) })
        return scores.tables.merging(norms) { first, _ in first }
      }
      found.append(GradientScores(tables: tables, components: components))
      groups.add(tables)
    }
    let tables = try GradientScore.allCases.filter(wanted.contains).map {
      try found.table($0, distribution: RecordNames.Distribution.ood)
    }
    return (tables, found, groups.means)
  }

  /// What attributions compare a sequence with: corrupted tokens, if there are any, and foils as targets, where there are any.
  private func partner(_ index: Int) -> TokenSequence {
    let sequence = data.sequences[index]
    let targets = zip(sequence.targets, data.foils?[index] ?? sequence.targets).map { $1 >= 0 ? $1 : $0 }
    return TokenSequence(tokens: data.corrupted?[index] ?? sequence.tokens, targets: targets)
  }

  /// The scores of all edges, a batch after another.
  func edgeScores(_ transformer: Transformer, _ parts: AnalysisParts) throws -> EdgeScores {
    let configuration = transformer.configuration
    var found = EdgeScores(configuration)
    let pieces = edgePieces(configuration)
    try forEachPart(pieces, "edges", parts) { index, name in
      let piece = pieces[index]
      let tables = try parts.part(name, found.shapes) {
        try EdgeScores(
          transformer, Array(data.sequences[piece]), corrupted: piece.map(partner), metric: metric
        ).tables
      }
      let scores = EdgeScores(configuration, samples: piece.count, tables: tables)
      if let (edge, score, value) = scores.nonFinite {
        throw StudyError.notFinite(score: score.rawValue, component: edge.name, value: value)
      }
      found.add(scores)
    }
    return found
  }

  /// Circuits of the best edges by every score, some sequences after others.
  func edgeCircuits(
    _ transformer: Transformer, _ edges: EdgeScores, _ parts: AnalysisParts
  ) throws -> EdgeFaithfulness {
    var found = EdgeFaithfulness(edges, in: transformer.configuration)
    let pieces = circuitPieces(transformer.configuration)
    try forEachPart(pieces, "circuits", parts) { index, name in
      let sequences = Array(data.sequences[pieces[index]])
      let partners = pieces[index].map { data.sequences[$0].reading(data.corrupted?[$0] ?? []) }
      let shapes = found.rankings.map { ($0.name, (rows: found.counts.count, columns: sequences.count)) }
      let tables = try parts.part(name, Dictionary(uniqueKeysWithValues: shapes)) {
        let circuit = try EdgeCircuit(transformer, sequences, corrupted: partners)
        return Dictionary(
          uniqueKeysWithValues: zip(
            found.rankings.map(\.name), try found.measured(circuit, beforeEach: supervisor.checkStop)))
      }
      found.append(found.rankings.map { tables[$0.name] ?? [] })
    }
    return found
  }

  /// Circuits of the best components by every score, by every effect, and at random. Some circuits are measured after others, and each on some
  /// sequences after others, so that neither their interventions nor their outcomes pile up.
  func faithfulness(
    _ evaluation: CausalEvaluation, _ components: [Component], _ gradients: [RunRecord.GradientTable],
    _ causal: [RunRecord.CausalTable], _ parts: AnalysisParts
  ) throws -> [RunRecord.FaithfulnessRecord] {
    let measurement = FaithfulnessMeasurement(
      components, gradients, exact: causal.filter { $0.method == RecordNames.Method.mean },
      random: CounterStream(seed: UInt64(seed), purpose: .extra), randomRankings: Self.randomRankings,
      effects: [.exactMatch, .logProbability, .logitDifference].filter(measured.contains))
    let sets = try RankedSets(measurement.rankings)
    var means: [Effect: [Double]] = [:]
    for group in (0..<sets.leftOut.count).pieces(of: Self.circuitsAtOnce) {
      let found = try ChunkedEffects(
        evaluation: evaluation, chunk: Self.chunk, supervisor: supervisor, parts: parts,
        phase: "circuits-\(group.lowerBound)"
      ).effects(of: Array(sets.leftOut[group]), [.mean])
      guard let found = found[.mean] else { throw InternalError("no circuit was measured") }
      for effect in measurement.effects {
        let base = found.base.mean(effect)
        means[effect, default: []] += found.effects.map { base - $0.mean(effect) }
      }
    }
    return measurement.records { ranking, effect in
      FaithfulnessCurve(metric: sets.setIndices[ranking].map { means[effect]?[$0] ?? .nan })
    }
  }

  /// The number of random orders of components, whose mean is compared with the others.
  private static let randomRankings = RigorousCounts().randomRankings
  /// The number of circuits whose interventions are in memory together.
  static let circuitsAtOnce = 256

  /// How many orders of components are measured, at most.
  var rankingCount: Int { measuredScores.count + 3 + Self.randomRankings }

  /// The sequences of each batch of circuits.
  func circuitPieces(_ configuration: ModelConfiguration) -> [Range<Int>] {
    (0..<data.count).pieces(
      of: EdgeFaithfulness.batchSize(
        configuration, tokens: data.longest, targets: data.mostTargets))
  }

  /// Goes through the parts of a phase, and says how far it is.
  ///
  /// - Parameters:
  ///   - pieces: the samples of each part.
  ///   - body: receives the index of a part and the name of its file.
  func forEachPart(
    _ pieces: [Range<Int>], _ phase: String, _ parts: AnalysisParts, _ body: (Int, String) throws -> Void
  ) throws {
    var progress = PartProgress(count: pieces.count, supervisor)
    for (index, piece) in pieces.enumerated() {
      let name = AnalysisParts.name(phase, piece)
      try progress.begin(isKept: parts.has(name))
      try body(index, name)
    }
  }

  /// The sequences of each batch of edges.
  func edgePieces(_ configuration: ModelConfiguration) -> [Range<Int>] {
    (0..<data.count).pieces(of: EdgeScores.batchSize(configuration, tokens: data.longest))
  }
}
