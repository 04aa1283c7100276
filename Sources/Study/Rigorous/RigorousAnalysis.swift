import Compute
import Errors
import Importance
import RandomStreams
import Records
import Statistics
import Transformer

/// Everything the `rigorous` protocol measures on a trained model.
struct RigorousAnalysis {
  let plan: RunPlan
  let device: any Device
  let supervisor: Supervisor
  let counts: RigorousCounts
  private let samples: RigorousSamples

  init(_ plan: RunPlan, on device: any Device, supervisor: Supervisor) {
    self.plan = plan
    self.device = device
    self.supervisor = supervisor
    counts = .of(plan)
    samples = RigorousSamples(plan: plan)
  }

  /// - Parameter known: the length at which to measure, if another search has found it.
  /// - Throws: `StudyError.interrupted`, or what the device throws.
  func analyse(_ model: TrainedModel, at known: RunRecord.OutOfDistribution? = nil) throws -> RunRecord {
    let transformer = try plan.transformer(model, on: device)
    let components = Component.all(of: plan.model)
    var phases = Phases(supervisor)
    let ood = try phases.run("ood") { try findLength(transformer, known) }
    let length = ood.length...ood.length
    let means = try phases.run("means") {
      try ComponentMeans(transformer, batches: samples.meanBatches(length))
    }
    let gradients = try phases.run("gradients") {
      try GradientMeasurement(plan: plan, counts: counts, samples: samples, supervisor: supervisor)
        .measure(transformer, components, means, ood: length)
    }
    let evaluation = CausalEvaluation(
      transformer, try samples.pairs(length, count: counts.samples), means: means)
    let effects = try phases.run("ablations") {
      try ChunkedEffects(evaluation: evaluation, chunk: counts.chunk, supervisor: supervisor)
        .effects(of: components.map { [$0] }, counts.methods)
    }
    let causal = try counts.methods.flatMap { method in
      try Effect.ofTasks.compactMap { try effects[method]?.table($0, of: components) }
    }
    let threshold = RankComparison.Threshold.rigorous(components)
    let exactMatch = causal.filter { $0.effect == Effect.exactMatch.rawValue }
    let measures = try Dictionary(
      uniqueKeysWithValues: exactMatch.map {
        (
          $0.method,
          try RankComparison(gradient: gradients.published, causal: $0.values, threshold: threshold)
        )
      })
    guard let own = measures[InterventionMethod.mean.rawValue], let mean = effects[.mean],
      let published = effects[.published],
      let exact = causal.first(where: {
        $0.method == InterventionMethod.mean.rawValue && $0.effect == Effect.exactMatch.rawValue
      })
    else { throw InternalError("the rigorous protocol did not measure its own ablation") }

    let (correlations, confidence) = try phases.run("bootstrap") {
      try agreement(gradients, causal, mean, own, threshold)
    }
    let faithfulness = try phases.run("faithfulness") {
      let measurement = FaithfulnessMeasurement(
        components, gradients.tables.filter { $0.distribution == RecordNames.Distribution.ood },
        exact: causal.filter { $0.method == InterventionMethod.mean.rawValue },
        random: samples.randomRankings(), randomRankings: counts.randomRankings)
      let part = evaluation.over(0..<min(counts.faithfulnessSamples, evaluation.samples.count))
      let found = try Faithfulness(part, measurement.rankings, .mean)
      return measurement.records { found.curve(ofRanking: $0, $1) }
    }
    let redundancy = try phases.run("redundancy") {
      try RedundancyMeasurement(plan: plan, counts: counts, supervisor: supervisor, samples: samples)
        .measure(evaluation, components, singles: mean, own)
    }
    let lengths =
      try counts.measuresLengths
      ? phases.run("lengths") {
        try LengthMeasurement(plan: plan, counts: counts, supervisor: supervisor, samples: samples)
          .measure(transformer, components)
      } : []
    let features = try phases.run("features") {
      try self.features(transformer, components, gradients, length, model.training)
    }
    let decomposition = try DecompositionMeasurement(
      published: published, mean: mean, frobenius: gradients.table(.frobenius),
      rms: gradients.table(.rms), causal: exact, samples: StudyProtocol.published.accuracySamples
    ).steps()
    let pruning = try phases.run("pruning") {
      var stream = plan.stream(.pruning)
      return try Pruning(plan: plan, transformer: transformer, means: means)
        .prune(components, own, length: ood.length, &stream)
    }
    return RunRecord(
      task: plan.task.name, seed: plan.seed, protocolName: plan.studyProtocol.name,
      configuration: plan.recordConfiguration, device: RunRecord.Device(device.description),
      versions: Version.all, training: model.training, ood: ood,
      components: own.records(
        components, measures, gradient: { gradients.values(ofComponent: $0) },
        causal: { exactMatch.values(ofComponent: $0) }),
      causalMeasure: InterventionMethod.mean.rawValue, rho: own.rho, rhoReason: own.rhoReason,
      measures: measures.mapValues { $0.measure(components) },
      heroes: own.names(of: .hero, components), bloats: own.names(of: .bloat, components), pruning: pruning,
      rigorous: RunRecord.Rigorous(
        samples: evaluation.samples.count, gradients: gradients.tables, causal: causal,
        correlations: correlations, classConfidence: confidence, faithfulness: faithfulness,
        redundancy: redundancy, lengths: lengths, features: features, decomposition: decomposition),
      timings: phases.seconds, notes: model.notes + notes(ood))
  }

  /// Measures the accuracy at every length and takes the known one, or the first in the window; if there is none, the one
  /// nearest to one half.
  private func findLength(
    _ transformer: Transformer, _ known: RunRecord.OutOfDistribution?
  ) throws -> RunRecord.OutOfDistribution {
    let rules = plan.studyProtocol
    let searched = try (rules.oodLengths + rules.farLengths).map { length in
      RunRecord.OutOfDistribution.Searched(
        length: length, accuracy: try transformer.accuracies([Lane(sequences: samples.accuracy(length))])[0])
    }
    if let known, let found = searched.first(where: { $0.length == known.length }) {
      return RunRecord.OutOfDistribution(
        length: found.length, accuracy: found.accuracy, inWindow: known.inWindow, searched: searched)
    }
    let first = searched.first {
      rules.oodLengths.contains($0.length) && rules.oodWindow.contains($0.accuracy)
    }
    let chosen = first ?? searched.nearestToOneHalf
    return RunRecord.OutOfDistribution(
      length: chosen?.length ?? rules.oodLengths[0], accuracy: chosen?.accuracy ?? 0, inWindow: first != nil,
      searched: searched)
  }

  /// Correlates every gradient table with every causal table. Intervals are computed for OOD scores against
  /// mean ablation, on the two effects that are reported first.
  private func agreement(
    _ gradients: GradientMeasurement.Result, _ causal: [RunRecord.CausalTable], _ mean: SetEffects,
    _ own: RankComparison, _ threshold: RankComparison.Threshold
  ) throws -> ([RunRecord.ScoreCorrelation], [RunRecord.ClassConfidence]) {
    let agreement = RankAgreement(resamples: counts.resamples)
    var stream = samples.bootstrap()
    var correlations: [RunRecord.ScoreCorrelation] = []
    for table in gradients.tables {
      for effects in causal {
        var interval: Estimable<BootstrapEstimate>?
        if table.distribution == RecordNames.Distribution.ood,
          effects.method == InterventionMethod.mean.rawValue,
          let effect = Effect(rawValue: effects.effect), effect == .exactMatch || effect == .logProbability,
          let score = GradientScore(rawValue: table.score), let scores = gradients.scores(score)
        {
          try supervisor.checkStop()
          interval = try agreement.interval(scores, score, mean, effect, from: &stream)
        }
        correlations.append(try agreement.correlation(table, effects, interval: interval))
      }
    }
    // If a score is equal for all components, there are no classes.
    guard own.rho != nil, let scores = gradients.scores(.frobenius) else { return (correlations, []) }
    return (
      correlations,
      try agreement.classConfidence(
        scores, .frobenius, mean, .exactMatch, threshold: threshold, from: &stream)
    )
  }

  private func features(
    _ transformer: Transformer, _ components: [Component], _ gradients: GradientMeasurement.Result,
    _ length: ClosedRange<Int>, _ training: RunRecord.Training?
  ) throws -> [String: [Double]] {
    let batch = samples.gradientBatches(length, count: 1)[0]
    let found = try ComponentFeatures(transformer, components, batch)
    let (ood, trained) = (
      gradients.published, gradients.table(.frobenius, RecordNames.Distribution.training).values
    )
    var features = [
      "weight_norm": found.weightNorms, "activation_variance": found.activationVariances,
      "attention_entropy": found.attentionEntropies, "similarity": found.similarities,
      "gradient_ratio_ood_training": zip(ood, trained).map { $1 > 0 ? $0 / $1 : 0 },
    ]
    features["gradient_trend"] = try training?.gradientTrends(of: components.count)
    for (name, values) in features.sorted(by: { $0.key < $1.key }) {
      try requireFinite(values, of: components, "the feature \(name)")
    }
    return features
  }

  private func notes(_ ood: RunRecord.OutOfDistribution) -> [String] {
    var notes: [String] = []
    if plan.quick { notes.append("quick: at most \(plan.maxSteps) steps and few samples") }
    if plan.reduced {
      notes.append("reduced: \(counts.samples) samples, fewer scores and interventions, no pairs, no lengths")
    }
    if !ood.inWindow {
      notes.append(
        "no OOD length of \(plan.studyProtocol.oodLengths) in the window: scored at \(ood.length)")
    }
    return notes
  }
}
