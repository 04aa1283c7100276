import Compute
import Digests
import Errors
import Foundation
import Importance
import RandomStreams
import Records
import Statistics
import Tasks
import Transformer

/// Scores of every component of a model on sequences of a file. There is one distribution, no accuracy window, and no
/// task: gradients, means and interventions are measured on the same sequences.
package struct DataAnalysis {
  /// The name of the data in the record.
  package var name: String
  package var data: TokenData
  package var seed = 42
  /// The largest number of sequences in a batch of gradients.
  package var batchSize = 64
  /// The gradient scores; nil for all that take a few passes.
  package var scores: Set<GradientScore>?
  /// The interventions; nil for all that the data allow. Mean ablation is always among them.
  package var interventions: Set<InterventionMethod>?
  /// Whether every edge is scored, which takes corrupted tokens.
  package var edges = false
  /// Whether every edge is scored and circuits of the best edges are measured.
  package var edgeFaithfulness = false
  var scoresEdges: Bool { edges || edgeFaithfulness }
  /// How the device keeps the model.
  package var weights = WeightPrecision.float32
  package var supervisor = Supervisor()
  /// What the model learned from, and how that relates to the data.
  private var training: RunRecord.Training?
  private var facts: [String] = []
  /// The effect that ranks and classes are made of.
  private var ownEffect = Effect.exactMatch

  package init(name: String, data: TokenData) {
    self.name = name
    self.data = data
  }

  /// The analysis on token sequences of a file.
  ///
  /// - Throws: what `TokenData` throws.
  package init(_ model: FoundDataModel, tokensAt url: URL) throws {
    self.init(
      name: url.deletingPathExtension().lastPathComponent,
      data: try TokenData(contentsOf: url, for: model.checkpoint.configuration))
    training = model.training
    facts = [model.acquaintance(with: data.checksum, nil)].compactMap(\.self)
  }

  /// The analysis on a part of a text.
  ///
  /// - Parameter sequences: the largest number of windows.
  /// - Throws: `StudyError.impossible` for a model whose tokens are not bytes, or whose positions are too few.
  package init(
    _ model: FoundDataModel, _ text: ByteText, _ split: ByteText.Split, sequences: Int
  ) throws {
    let configuration = model.checkpoint.configuration
    guard configuration.vocabulary == ByteText.vocabulary else {
      throw StudyError.impossible(
        "the model has a vocabulary of \(configuration.vocabulary) tokens, but the bytes of a text are \(ByteText.vocabulary); "
          + "name sequences of tokens with --data")
    }
    guard configuration.positions != .learned || configuration.context >= text.context else {
      throw StudyError.impossible(
        "the model has \(configuration.context) positions, fewer than a --context of \(text.context)")
    }
    self.init(name: text.name, data: TokenData(text.windows(split, atMost: sequences)))
    training = model.training
    // Hardly any window is predicted whole.
    ownEffect = .logProbability
    facts = [
      "split '\(split.rawValue)' of a text, in windows of \(text.context) bytes",
      model.acquaintance(with: text.origin.checksum, split),
      "ranks, classes and rho are on \(ownEffect.rawValue)",
    ].compactMap(\.self)
  }

  /// Classes and the top-level rho are made of the published score.
  var measuredScores: Set<GradientScore> { (scores ?? Self.usualScores).union([.frobenius]) }

  /// The scores that need one backward a batch, or one for each layer.
  package static let usualScores = Set(GradientScore.allCases).subtracting([.integratedGradients])

  /// The number of samples between two places where the interventions can be stopped.
  static let chunk = 25

  /// The memory that the analysis takes.
  ///
  /// - Throws: `StudyError.impossible` for an intervention that the data or the model don't allow, and if the analysis doesn't
  ///   fit on the device.
  package func memory(of checkpoint: CheckpointSource, on device: any Device) throws -> AnalysisMemory {
    try requireInterventions(on: checkpoint.configuration)
    let memory = try AnalysisMemory(
      self, of: checkpoint, largestAllocation: device.description.largestAllocation)
    try memory.check(on: device, canKeep: weights == .float32 && checkpoint.hasHalves)
    return memory
  }

  /// What an analysis finds.
  package struct Findings {
    package let record: RunRecord
    /// nil unless they were asked for.
    package let edges: EdgeScores?
    package let edgeFaithfulness: EdgeFaithfulness?
  }

  /// - Parameter folder: keeps what was measured while the analysis runs, so that it goes on where it was interrupted;
  ///   `removeParts` deletes it. nil to keep nothing.
  /// - Throws: what `memory(of:on:)` throws, before the device has any weights; `StudyError.interrupted`,
  ///   `StudyError.notFinite`, `StudyError.impossible` for parts of another analysis, or what the device throws.
  package func analyse(
    _ checkpoint: CheckpointSource, on device: any Device, keepingPartsIn folder: URL? = nil
  ) throws -> Findings {
    _ = try memory(of: checkpoint, on: device)
    let parts = try folder.map { try AnalysisParts(in: $0, key(checkpoint, device)) } ?? .none
    if parts.count > 0 {
      supervisor.report(.note("continues an earlier run, of which it keeps \(counted(parts.count, "part"))"))
    }
    var phases = Phases(supervisor)
    let transformer = try phases.run("reading the model") {
      try checkpoint.transformer(on: device, weights: weights)
    }
    let components = Component.all(of: checkpoint.configuration)
    let batches = data.batches(of: batchSize)
    let means = try phases.run("means") { try ComponentMeans(transformer, batches: batches) }
    let (gradients, found) = try phases.run("gradients") {
      try self.gradients(transformer, components, means, batches, parts)
    }
    // What follows needs other buffers, and large models much memory for these.
    transformer.releaseBuffers()
    let edges = scoresEdges ? try phases.run("edges") { try edgeScores(transformer, parts) } : nil
    transformer.releaseBuffers()
    var faithfulness: EdgeFaithfulness?
    if edgeFaithfulness, let edges {
      faithfulness = try phases.run("circuits of edges") {
        try self.faithfulness(transformer, edges, parts)
      }
    }
    // Interventions need no backward, and large models much memory for one.
    transformer.releaseBuffers()
    let samples = samples
    var evaluation = CausalEvaluation(transformer, samples, means: means)
    evaluation.measuresDivergence = true
    evaluation.rowLimit = ForkedForward.rowLimit(for: checkpoint.configuration)
    let methods = methods(samples, checkpoint.configuration)
    let effects = try phases.run("ablations") {
      try ChunkedEffects(
        evaluation: evaluation, chunk: Self.chunk, supervisor: supervisor, parts: parts
      ).effects(of: components.map { [$0] }, methods)
    }
    let causal = try methods.flatMap { method in
      try measured.compactMap { try effects[method]?.table($0, of: components) }
    }
    guard let mean = effects[.mean] else { throw InternalError("mean ablation was not measured") }
    let (correlations, confidence) = try phases.run("bootstrap") {
      try agreement(gradients, found, causal, mean, components)
    }
    let record = try record(
      checkpoint, device, components, gradients, causal, correlations, confidence, mean.base, methods,
      phases.seconds)
    return Findings(record: record, edges: edges, edgeFaithfulness: faithfulness)
  }

  /// Deletes what the analysis kept while it ran.
  ///
  /// - Throws: as `analyse`.
  package func removeParts(
    in folder: URL, _ checkpoint: CheckpointSource, on device: any Device
  ) throws {
    try AnalysisParts(in: folder, key(checkpoint, device)).remove()
  }

  /// What decides every number of the parts that are kept.
  private func key(_ checkpoint: CheckpointSource, _ device: any Device) throws -> String {
    var sum = Checksum()
    for text in [
      Version.program, device.description.selector, device.description.name, device.description.driver,
      try checkpoint.identity(), "\(EdgeAttribution.defaultSteps)",
      data.checksum, "\(seed)", "\(batchSize)",
      measuredScores.map(\.rawValue).sorted().joined(separator: ","),
      methods(samples, checkpoint.configuration).map(\.rawValue).joined(separator: ","),
    ] {
      sum.combine(text)
    }
    for (name, rows) in [("corrupted", data.corrupted), ("foils", data.foils)] {
      sum.combine(name)
      for row in rows ?? [] { sum.combine(row) }
    }
    return sum.digest
  }

  /// The effects that the data can show: a logit difference needs foils.
  private var measured: [Effect] { Effect.allCases.filter { $0 != .logitDifference || data.foils != nil } }

  /// The samples of interventions, always with the same donors.
  var samples: CausalSamples {
    var donors = CounterStream(seed: UInt64(seed), purpose: .resample)
    return CausalSamples(data, from: &donors)
  }

  private func requireInterventions(on configuration: ModelConfiguration) throws {
    guard !scoresEdges || data.corrupted != nil else {
      throw StudyError.impossible(
        "edges need corrupted tokens, which the data don't have; add corrupted [B, T] to the file, or leave --edges and "
          + "--edge-faithfulness out"
      )
    }
    guard !edgeFaithfulness || !configuration.architecture.normalisesBranches else {
      throw StudyError.impossible(
        "circuits of edges are not defined for a model that normalises what its branches compute; leave --edge-faithfulness out"
      )
    }
    let possible = methods(samples, configuration)
    for method in InterventionMethod.allCases
    where interventions?.contains(method) == true && !possible.contains(method) {
      let reason =
        switch method {
        case .noising, .denoising: "needs corrupted tokens, which the data don't have"
        case .resample: "needs another sequence of the same length and targets for every one"
        case .published: "is that of this program's own models"
        case .mean, .zero: "is not possible"
        }
      throw StudyError.impossible("the intervention '\(method.rawValue)' \(reason); leave it out")
    }
  }

  /// The interventions that are wanted and that the data and the model allow.
  func methods(_ samples: CausalSamples, _ configuration: ModelConfiguration) -> [InterventionMethod] {
    let wanted = interventions.map { $0.union([.mean]) } ?? Set(InterventionMethod.allCases)
    return InterventionMethod.allCases.filter { method in
      guard wanted.contains(method) else { return false }
      return switch method {
      case .mean, .zero: true
      case .published: configuration.architecture.isOwn
      case .resample: samples.hasDonors
      case .noising, .denoising: data.corrupted != nil
      }
    }
  }

  private func gradients(
    _ transformer: Transformer, _ components: [Component], _ means: ComponentMeans,
    _ batches: [[TokenSequence]], _ parts: AnalysisParts
  ) throws -> ([RunRecord.GradientTable], GradientScores) {
    let wanted = measuredScores
    let projections = wanted.contains(.atpQKFix) ? try ProjectionMeans(transformer, batches: batches) : nil
    var found = GradientScores(components: components, scores: wanted)
    var pieces: [Range<Int>] = []
    for batch in batches {
      let first = pieces.last?.upperBound ?? 0
      pieces.append(first..<first + batch.count)
    }
    try forEachPart(pieces, "gradients", parts) { index, name in
      let shapes = GradientScores.shapes(wanted, components: components.count, samples: batches[index].count)
      let tables = try parts.part(name, shapes) {
        try GradientScores(
          transformer, components: components, batches: [batches[index]], method: .mean, means: means,
          projections: projections, scores: wanted
        ).tables
      }
      found.append(GradientScores(tables: tables, components: components))
    }
    let tables = try GradientScore.allCases.filter(wanted.contains).map {
      try found.table($0, distribution: RecordNames.Distribution.ood)
    }
    return (tables, found)
  }

  /// The scores of all edges, a batch after another.
  private func edgeScores(_ transformer: Transformer, _ parts: AnalysisParts) throws -> EdgeScores {
    let configuration = transformer.configuration
    var found = EdgeScores(configuration)
    let pieces = edgePieces(configuration)
    try forEachPart(pieces, "edges", parts) { index, name in
      let (sequences, partners) = runs(pieces[index])
      let tables = try parts.part(name, found.shapes) {
        try EdgeScores(transformer, sequences, corrupted: partners).tables
      }
      let scores = EdgeScores(configuration, samples: sequences.count, tables: tables)
      if let (edge, score, value) = scores.nonFinite {
        throw StudyError.notFinite(score: score.rawValue, component: edge.name, value: value)
      }
      found.add(scores)
    }
    return found
  }

  /// Circuits of the best edges by every score, some sequences after others.
  private func faithfulness(
    _ transformer: Transformer, _ edges: EdgeScores, _ parts: AnalysisParts
  ) throws -> EdgeFaithfulness {
    var found = EdgeFaithfulness(edges, in: transformer.configuration)
    let pieces = circuitPieces(transformer.configuration)
    try forEachPart(pieces, "circuits", parts) { index, name in
      let (sequences, partners) = runs(pieces[index])
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

  /// Some sequences, and what they are in the corrupted run.
  private func runs(_ piece: Range<Int>) -> (sequences: [TokenSequence], corrupted: [TokenSequence]) {
    let sequences = Array(data.sequences[piece])
    let corrupted = zip(sequences, data.corrupted?[piece] ?? []).map {
      TokenSequence(tokens: $1, targets: $0.targets)
    }
    return (sequences, corrupted)
  }

  /// The sequences of each batch of circuits.
  func circuitPieces(_ configuration: ModelConfiguration) -> [Range<Int>] {
    let targets = data.sequences.map { $0.targets.count { $0 >= 0 } }.max() ?? 0
    return pieces(
      of: EdgeFaithfulness.batchSize(configuration, tokens: data.longest, targets: targets))
  }

  private func pieces(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: data.count, by: size).map { $0..<min($0 + size, data.count) }
  }

  /// Goes through the parts of a phase, and says how far it is.
  ///
  /// - Parameters:
  ///   - pieces: the samples of each part.
  ///   - body: receives the index of a part and the name of its file.
  private func forEachPart(
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
    pieces(of: EdgeScores.batchSize(configuration, tokens: data.longest))
  }

  /// The correlation of every gradient score with every effect, with intervals under mean ablation, and how certain
  /// classes are.
  private func agreement(
    _ tables: [RunRecord.GradientTable], _ scores: GradientScores, _ causal: [RunRecord.CausalTable],
    _ mean: SetEffects, _ components: [Component]
  ) throws -> ([RunRecord.ScoreCorrelation], [RunRecord.ClassConfidence]) {
    let agreement = RankAgreement(resamples: RigorousCounts().resamples)
    var stream = CounterStream(seed: UInt64(seed), purpose: .bootstrap)
    var correlations: [RunRecord.ScoreCorrelation] = []
    for table in tables {
      for effects in causal {
        try supervisor.checkStop()
        var interval: Estimable<BootstrapEstimate>?
        if effects.method == RecordNames.Method.mean, let effect = Effect(rawValue: effects.effect),
          let score = GradientScore(rawValue: table.score)
        {
          interval = try agreement.interval(scores, score, mean, effect, from: &stream)
        }
        correlations.append(try agreement.correlation(table, effects, interval: interval))
      }
    }
    let confidence = try agreement.classConfidence(
      scores, .frobenius, mean, ownEffect, threshold: .rigorous(components), from: &stream)
    return (correlations, confidence)
  }

  private func record(
    _ checkpoint: CheckpointSource, _ device: any Device, _ components: [Component],
    _ gradients: [RunRecord.GradientTable],
    _ causal: [RunRecord.CausalTable], _ correlations: [RunRecord.ScoreCorrelation],
    _ confidence: [RunRecord.ClassConfidence], _ base: Outcomes, _ methods: [InterventionMethod],
    _ seconds: [String: Double]
  ) throws -> RunRecord {
    let ownTables = causal.filter { $0.effect == ownEffect.rawValue }
    guard let published = gradients.first(where: { $0.score == RecordNames.Score.published }) else {
      throw InternalError("the published gradient score was not measured")
    }
    let measures = try Dictionary(
      uniqueKeysWithValues: ownTables.map {
        (
          $0.method,
          try RankComparison(gradient: published.values, causal: $0.values, threshold: .rigorous(components))
        )
      })
    guard let own = measures[RecordNames.Method.mean] else {
      throw InternalError("there is no mean ablation")
    }
    return RunRecord(
      task: name, seed: seed, protocolName: StudyProtocol.rigorous.name,
      configuration: configuration(checkpoint.configuration), device: RunRecord.Device(device.description),
      versions: Version.all, training: training,
      ood: RunRecord.OutOfDistribution(
        length: data.longest, accuracy: base.mean(ownEffect == .exactMatch ? .exactMatch : .tokenAccuracy),
        inWindow: true, searched: []),
      components: own.records(
        components, measures,
        gradient: { i in Dictionary(uniqueKeysWithValues: gradients.map { ($0.score, $0.values[i]) }) },
        causal: { ownTables.values(ofComponent: $0) }),
      causalMeasure: RecordNames.Method.mean,
      causalEffect: ownEffect == .exactMatch ? nil : ownEffect.rawValue,
      rho: own.rho, rhoReason: own.rhoReason,
      measures: measures.mapValues { $0.measure(components) }, heroes: own.names(of: .hero, components),
      bloats: own.names(of: .bloat, components),
      rigorous: RunRecord.Rigorous(
        samples: data.count, gradients: gradients, causal: causal, correlations: correlations,
        classConfidence: confidence, faithfulness: [],
        redundancy: RunRecord.Redundancy(
          sets: [], pairInteractions: [], pairInteractionsExactMatch: [], shapley: []),
        lengths: [], features: [:], decomposition: []),
      timings: seconds, notes: checkpoint.notes + notes(checkpoint, base, methods))
  }

  private func configuration(_ model: ModelConfiguration) -> RunRecord.Configuration {
    RunRecord.Configuration(
      layers: model.layers, heads: model.heads, dModel: model.dModel, dMLP: model.dMLP,
      vocabulary: model.vocabulary, positions: model.positions.rawValue, batchSize: batchSize, maxSteps: 0,
      gradientBatches: data.batches(of: batchSize).count, meanBatches: data.batches(of: batchSize).count,
      accuracySamples: data.count, pruningSamples: 0)
  }

  /// What the numbers are of, and what was left out.
  private func notes(
    _ checkpoint: CheckpointSource, _ base: Outcomes, _ methods: [InterventionMethod]
  ) -> [String] {
    let model = checkpoint.configuration
    func text(_ value: Double) -> String { String(format: "%.4f", value) }
    let logProbability = base.mean(.logProbability)
    var notes = [
      "data '\(name)': \(data.count) sequences, \(data.targetCount) targets; mean log-probability "
        + "\(text(logProbability)), perplexity \(text(exp(-logProbability))), token accuracy "
        + "\(text(base.mean(.tokenAccuracy))), exact match \(text(base.mean(.exactMatch)))"
    ]
    notes += facts
    if model.architecture.keySharing > 1 {
      notes.append(
        "\(model.architecture.keySharing) heads share keys and values: each is scored as if it had its own copy"
      )
    }
    if weights == .keep {
      notes.append(
        checkpoint.hasHalves
          ? "matrices were kept in half precision, as the files have them"
          : "no matrix of the files is in half precision, so all weights are in single precision")
    }
    if data.corrupted == nil { notes.append("without corrupted tokens there is no noising and no denoising") }
    if data.foils == nil { notes.append("without foils there is no logit difference") }
    if interventions != nil {
      notes.append("interventions: \(methods.map(\.rawValue).joined(separator: ", "))")
    } else if !methods.contains(.resample) {
      notes.append("a sequence is alone with its length and targets, so nothing was resampled")
    }
    if scores != nil, measuredScores != Set(GradientScore.allCases) {
      notes.append(
        "gradient scores: \(GradientScore.allCases.filter(measuredScores.contains).map(\.rawValue).joined(separator: ", "))"
      )
    } else if scores == nil {
      notes.append("integrated gradients were left out; --scores all measures them")
    }
    return notes
  }
}
