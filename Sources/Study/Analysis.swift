import Compute
import Errors
import Foundation
import Importance
import RandomStreams
import Records
import Tasks
import Transformer

/// Everything that is measured on a trained model, as the protocol's `measurement` says: by `RigorousAnalysis`,
/// or here. Here the data stream is drawn from in the published program's order: OOD lengths, gradient batches,
/// mean batches, ablations, pruning.
package struct Analysis {
  package let plan: RunPlan
  package let device: any Device
  package let supervisor: Supervisor

  package init(_ plan: RunPlan, on device: any Device, supervisor: Supervisor = Supervisor()) {
    self.plan = plan
    self.device = device
    self.supervisor = supervisor
  }

  /// - Throws: `StudyError.interrupted`, or what the device throws.
  package func analyse(_ model: TrainedModel) throws -> RunRecord {
    if plan.studyProtocol.measurement == .rigorous {
      return try RigorousAnalysis(plan, on: device, supervisor: supervisor).analyse(model)
    }
    let transformer = try plan.transformer(model, on: device)
    let components = Component.all(of: plan.model)
    var stream = model.dataStream
    var phases = Phases(supervisor)

    let ood = try phases.run("ood") { try OODSearch(plan: plan, transformer: transformer).find(&stream) }
    let score = plan.studyProtocol.gradientScore
    let gradients = try phases.run("gradients") {
      let batches = drawBatches(plan.studyProtocol.gradientBatches, length: ood.length, &stream)
      let found = try GradientNorms(transformer, components.map { .component($0) }, batches: batches)
      return score == .rms
        ? [GradientScore.frobenius: found.means, .rms: found.rootMeanSquares] : [.frobenius: found.means]
    }
    guard let gradient = gradients[score] else {
      throw InternalError(
        "protocol \(plan.studyProtocol.name) has a gradient score that is not measured: \(score)")
    }
    try requireFinite(gradient, of: components, "the gradient score \(score.rawValue)")
    let means = try phases.run("means") {
      try ComponentMeans(
        transformer, batches: drawBatches(plan.studyProtocol.meanBatches, length: ood.length, &stream))
    }
    let causal = try phases.run("ablations") {
      try ablate(components, transformer, means, ood, &stream)
    }
    for (measure, values) in causal.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      try requireFinite(values, of: components, "the causal score \(measure.rawValue)")
    }
    let comparisons = try causal.mapValues {
      try RankComparison(gradient: gradient, causal: $0, threshold: plan.studyProtocol.threshold)
    }
    let measures = Dictionary(uniqueKeysWithValues: comparisons.map { ($0.key.rawValue, $0.value) })
    guard let own = comparisons[plan.studyProtocol.causalMeasure] else {
      throw InternalError("protocol \(plan.studyProtocol.name) does not record its own measure")
    }
    let pruning = try phases.run("pruning") {
      try Pruning(plan: plan, transformer: transformer, means: means)
        .prune(components, own, length: ood.length, &stream)
    }
    let joint =
      try plan.studyProtocol.ablatesJointly
      ? phases.run("joint") {
        try JointAblation(plan: plan, transformer: transformer, means: means)
          .measure(components, comparisons, causal, length: ood.length, &stream)
      } : nil
    func named<Key: RawRepresentable<String>>(_ scores: [Key: [Double]], _ i: Int) -> [String: Double] {
      Dictionary(uniqueKeysWithValues: scores.map { ($0.key.rawValue, $0.value[i]) })
    }
    return RunRecord(
      task: plan.task.name, seed: plan.seed, protocolName: plan.studyProtocol.name,
      configuration: plan.recordConfiguration, device: RunRecord.Device(device.description),
      versions: Version.all, training: model.training, ood: ood,
      components: own.records(
        components, measures, gradient: { named(gradients, $0) }, causal: { named(causal, $0) }),
      gradientScore: score.rawValue, causalMeasure: plan.studyProtocol.causalMeasure.rawValue, rho: own.rho,
      rhoReason: own.rhoReason,
      measures: measures.mapValues { $0.measure(components) },
      heroes: own.names(of: .hero, components), bloats: own.names(of: .bloat, components),
      pruning: pruning, joint: joint, timings: phases.seconds, notes: model.notes + notes(ood))
  }

  /// What `rigorous` measures on the same model, at the length of the run's own record.
  ///
  /// - Parameter own: the record of this plan.
  /// - Throws: as `analyse`.
  func rigorous(_ model: TrainedModel, beside own: RunRecord) throws -> RunRecord? {
    guard let plan = plan.rigorous else { return nil }
    var record = try RigorousAnalysis(plan, on: device, supervisor: supervisor).analyse(model, at: own.ood)
    record.notes.append(
      "trained under the protocol \(own.protocolName), and measured at the length that its search found")
    return record
  }

  /// The accuracy lost when each component is replaced, for each measure. Each component has fresh samples.
  /// Its measures share them, so that they differ only by the intervention.
  private func ablate(
    _ components: [Component], _ transformer: Transformer, _ means: ComponentMeans,
    _ ood: RunRecord.OutOfDistribution, _ stream: inout DataStream
  ) throws -> [CausalMeasure: [Double]] {
    let measures = plan.studyProtocol.measures
    var (lanes, interventions): ([Lane], [Intervention]) = ([], [])
    for component in components {
      let samples = plan.task.samples(
        plan.studyProtocol.accuracySamples, length: ood.length...ood.length, from: &stream)
      let sequences = BatchLayout.evaluationBatch(samples)
      for measure in measures {
        lanes.append(Lane(sequences: sequences))
        interventions.append(try measure.intervention(on: [component], means: means))
      }
    }
    let accuracies = try transformer.accuracies(lanes, under: interventions)
    var causal: [CausalMeasure: [Double]] = [:]
    for (index, measure) in measures.enumerated() {
      causal[measure] = components.indices.map { i in
        ood.accuracy - accuracies[i * measures.count + index]
      }
    }
    return causal
  }

  /// Batches of one length. All prompts are equally long, so both layouts give the same sequences.
  private func drawBatches(_ count: Int, length: Int, _ stream: inout DataStream) -> [[TokenSequence]] {
    (0..<count).map { _ in
      plan.studyProtocol.trainingLayout.sequences(
        plan.task.samples(plan.batchSize, length: length...length, from: &stream))
    }
  }

  private func notes(_ ood: RunRecord.OutOfDistribution) -> [String] {
    var notes: [String] = []
    if plan.quick { notes.append("quick: at most \(plan.maxSteps) steps, not the paper's settings") }
    if !ood.inWindow {
      notes.append(
        "no OOD length of \(plan.studyProtocol.oodLengths) in the window: scored at \(ood.length), kept out of the paper's tables"
      )
    }
    notes.append("pruned with the weights and streams kept, not retrained")
    return notes
  }
}
