import Compute
import Errors
import Foundation
import Importance
import RandomStreams
import Records
import Statistics
import Transformer

/// What is made of the scores: correlations, and the record.
extension DataAnalysis {
  /// The correlation of every gradient score with every effect, with intervals under mean ablation and under what attributions
  /// estimate, and how certain classes are.
  func agreement(
    _ tables: [RunRecord.GradientTable], _ scores: GradientScores, _ causal: [RunRecord.CausalTable],
    _ effects: [InterventionMethod: SetEffects], _ components: [Component]
  ) throws -> ([RunRecord.ScoreCorrelation], [RunRecord.ClassConfidence]) {
    let agreement = RankAgreement(resamples: RigorousCounts().resamples)
    var stream = CounterStream(seed: UInt64(seed), purpose: .bootstrap)
    var correlations: [RunRecord.ScoreCorrelation] = []
    for table in tables {
      for row in causal {
        try supervisor.checkStop()
        var interval: Estimable<BootstrapEstimate>?
        if let method = InterventionMethod(rawValue: row.method), [.mean, estimated].contains(method),
          let measured = effects[method], let effect = Effect(rawValue: row.effect),
          let score = GradientScore(rawValue: table.score)
        {
          interval = try agreement.interval(scores, score, measured, effect, from: &stream)
        }
        correlations.append(try agreement.correlation(table, row, interval: interval))
      }
    }
    guard let mean = effects[.mean] else { throw InternalError("mean ablation was not measured") }
    let confidence = try agreement.classConfidence(
      scores, .frobenius, mean, ownEffect, threshold: .rigorous(components), from: &stream)
    return (correlations, confidence)
  }

  func record(
    _ checkpoint: CheckpointSource, _ device: any Device, _ components: [Component],
    _ gradients: [RunRecord.GradientTable], _ groups: [RunRecord.KeyGroup]?,
    _ causal: [RunRecord.CausalTable], _ correlations: [RunRecord.ScoreCorrelation],
    _ confidence: [RunRecord.ClassConfidence], _ curves: [RunRecord.FaithfulnessRecord], _ base: Outcomes,
    _ methods: [InterventionMethod],
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
      configuration: configuration(checkpoint), device: RunRecord.Device(device.description),
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
        samples: data.count, gradients: gradients, keyGroups: groups, causal: causal,
        correlations: correlations,
        classConfidence: confidence, faithfulness: curves,
        redundancy: RunRecord.Redundancy(
          sets: [], pairInteractions: [], pairInteractionsExactMatch: [], shapley: []),
        lengths: [], features: [:], decomposition: []),
      timings: seconds, notes: checkpoint.notes + notes(checkpoint, base, methods))
  }

  func configuration(_ checkpoint: CheckpointSource) -> RunRecord.Configuration {
    let model = checkpoint.configuration
    return RunRecord.Configuration(
      modelType: checkpoint.modelType, layers: model.layers, heads: model.heads,
      keyHeads: model.sharesKeys ? model.keyHeads : nil,
      parallelBlocks: model.architecture.arrangement == .parallel ? true : nil,
      dModel: model.dModel, dMLP: model.dMLP, vocabulary: model.vocabulary,
      positions: model.positions.rawValue, batchSize: batchSize, maxSteps: 0,
      gradientBatches: data.batches(of: batchSize).count, meanBatches: data.batches(of: batchSize).count,
      accuracySamples: data.count, pruningSamples: 0)
  }

  /// What the numbers are of, and what was left out.
  func notes(
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
    if model.sharesKeys {
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
    if estimates, estimated != .mean || metric != .targetLogProbability {
      notes.append(
        "gradient scores of outputs estimate the effect of \(estimated.rawValue) on \(metric.rawValue)")
    }
    if scoresEdges, metric != .targetLogProbability {
      notes.append("scores of edges estimate changes of \(metric.rawValue)")
    }
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
