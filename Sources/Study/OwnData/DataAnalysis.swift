import Compute
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
  /// The interventions; nil for all that the data allow. Mean ablation and what attributions estimate are always among them.
  package var interventions: Set<InterventionMethod>?
  /// The intervention whose effects attributions estimate: `mean`, `zero` or `noising`.
  package var estimated = InterventionMethod.mean
  /// What attributions estimate changes of.
  package var metric = GradientMetric.targetLogProbability
  /// Whether circuits of the best components by every score are measured.
  package var faithfulness = false
  /// Whether every edge is scored, which takes corrupted tokens.
  package var edges = false
  /// Whether every edge is scored and circuits of the best edges are measured.
  package var edgeFaithfulness = false
  var scoresEdges: Bool { edges || edgeFaithfulness }
  /// How the device keeps the model.
  package var weights = WeightPrecision.float32
  package var supervisor = Supervisor()
  /// What the model learned from, and how that relates to the data.
  var training: RunRecord.Training?
  var facts: [String] = []
  /// The effect that ranks and classes are made of.
  var ownEffect = Effect.exactMatch

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

  /// Whether any of the gradient scores estimates an intervention.
  var estimates: Bool { measuredScores.contains { $0.reading != .weights } }

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
    let parts: AnalysisParts

    /// Deletes what the analysis kept while it ran.
    ///
    /// - Throws: `StudyError.impossible` if anything else is in the folder; then nothing is deleted.
    package func removeParts() throws { try parts.remove() }
  }

  /// - Parameter folder: keeps what was measured while the analysis runs, so that it goes on where it was interrupted;
  ///   `Findings.removeParts` deletes it. nil to keep nothing.
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
    let (gradients, found, groups) = try phases.run("gradients") {
      try self.gradients(transformer, components, means, batches, parts)
    }
    // What follows needs other buffers, and large models much memory for these.
    transformer.releaseBuffers()
    let edges = scoresEdges ? try phases.run("edges") { try edgeScores(transformer, parts) } : nil
    transformer.releaseBuffers()
    var circuits: EdgeFaithfulness?
    if edgeFaithfulness, let edges {
      circuits = try phases.run("circuits of edges") { try edgeCircuits(transformer, edges, parts) }
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
      try agreement(gradients, found, causal, effects, components)
    }
    var curves: [RunRecord.FaithfulnessRecord] = []
    if faithfulness {
      evaluation.measuresDivergence = false
      curves = try phases.run("faithfulness") {
        try faithfulness(evaluation, components, gradients, causal, parts)
      }
    }
    let record = try record(
      checkpoint, device, components, gradients, groups, causal, correlations, confidence, curves, mean.base,
      methods, phases.seconds)
    return Findings(record: record, edges: edges, edgeFaithfulness: circuits, parts: parts)
  }

  /// The effects that the data can show: a logit difference needs foils.
  var measured: [Effect] { Effect.allCases.filter { $0 != .logitDifference || data.foils != nil } }

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
    let samples = samples
    for method in InterventionMethod.allCases where interventions?.contains(method) == true {
      guard let reason = obstacle(to: method, samples, configuration) else { continue }
      throw StudyError.impossible("the intervention '\(method.rawValue)' \(reason); leave it out")
    }
    guard estimates || estimated == .mean && (scoresEdges || metric == .targetLogProbability) else {
      throw StudyError.impossible(
        "none of the gradient scores \(measuredScores.map(\.rawValue).sorted().joined(separator: ", ")) estimates an intervention; "
          + "leave the intervention to estimate and the metric out, or ask for other scores")
    }
    guard Self.estimable.contains(estimated) else {
      throw StudyError.impossible(
        "gradient scores cannot estimate '\(estimated.rawValue)'; they estimate "
          + Self.estimable.map(\.rawValue).joined(separator: ", "))
    }
    if let reason = obstacle(to: estimated, samples, configuration) {
      throw StudyError.impossible("the intervention '\(estimated.rawValue)' \(reason); estimate another")
    }
    guard metric == .targetLogProbability || data.foils != nil else {
      throw StudyError.impossible(
        "the metric '\(metric.rawValue)' needs foils, which the data don't have; add foil [B] to the file, or leave it out"
      )
    }
  }

  /// The interventions whose effects gradient scores can estimate.
  package static let estimable: [InterventionMethod] = [.mean, .zero, .noising]

  /// The interventions that are wanted and that the data and the model allow.
  func methods(_ samples: CausalSamples, _ configuration: ModelConfiguration) -> [InterventionMethod] {
    let wanted = interventions.map { $0.union([.mean, estimated]) } ?? Set(InterventionMethod.allCases)
    return InterventionMethod.allCases.filter {
      wanted.contains($0) && obstacle(to: $0, samples, configuration) == nil
    }
  }

  /// Why the data or the model do not allow an intervention.
  private func obstacle(
    to method: InterventionMethod, _ samples: CausalSamples, _ configuration: ModelConfiguration
  ) -> String? {
    switch method {
    case .mean, .zero: nil
    case .published: configuration.architecture.isOwn ? nil : "is that of this program's own models"
    case .resample:
      samples.hasDonors ? nil : "needs another sequence of the same length and targets for every one"
    case .noising, .denoising:
      data.corrupted == nil ? "needs corrupted tokens, which the data don't have" : nil
    }
  }
}
