import CPUDevice
import Compute
import Importance
import RandomStreams
import Records
import Statistics
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("The rigorous analysis") struct RigorousTests {
  private static let plan: RunPlan = {
    var plan = RecordedTask.plan(.sort, layers: 2, maxSteps: 4, rules: .rigorous)
    plan.quick = true
    return plan
  }()

  /// Trains and analyses a model.
  private func measured() throws -> (record: RunRecord, model: TrainedModel) {
    try withFolder { folder in
      let device = try CPUDevice(threads: 2)
      let model = try Trainer(Self.plan, on: device).model(in: folder)
      return (try Analysis(Self.plan, on: device).analyse(model), model)
    }
  }

  @Test("gives the same record twice, which reads back as it was written")
  func repeats() throws {
    let record = try measured().record
    #expect(try measured().record.withoutTimings == record.withoutTimings)
    try withFolder { folder in
      let file = folder.appendingPathComponent("run.json")
      try record.write(to: file)
      #expect(try RunRecord.read(from: file) == record)
    }
  }

  @Test("has every score on both distributions, every effect of every intervention, every correlation")
  func complete() throws {
    let rigorous = try #require(try measured().record.rigorous)
    let components = 6
    #expect(rigorous.gradients.count == 2 * GradientScore.allCases.count)
    #expect(rigorous.causal.count == InterventionMethod.allCases.count * Effect.ofTasks.count)
    #expect(rigorous.correlations.count == rigorous.gradients.count * rigorous.causal.count)
    for table in rigorous.gradients {
      #expect(Set([table.first.count, table.second.count, table.values.count]) == [components])
      let score = try #require(GradientScore(rawValue: table.score))
      // Norms and sums of absolute values of random numbers are never zero. Attributions may be, for a
      // component that no target sees.
      let isPositive =
        score.isSigned || score == .gradDrop
        ? table.values.contains { $0 > 0 } : table.values.allSatisfy { $0 > 0 }
      #expect(isPositive && table.values.allSatisfy { $0.isFinite && $0 >= 0 }, "\(score)")
      guard score.aggregation != .absoluteMean else { continue }
      for (i, value) in table.values.enumerated() {
        #expect(abs(value - (table.first[i] + table.second[i]) / 2) <= 1e-9 * value, "\(score)")
      }
    }
    for table in rigorous.causal {
      for (i, value) in table.values.enumerated() {
        // 200 samples give two halves of a hundred.
        #expect(abs(value - (table.first[i] + table.second[i]) / 2) < 1e-12)
      }
      #expect(table.standardErrors.count == components)
    }
    #expect(rigorous.lengths.map(\.length) == [7] + Array(8...15))
    #expect(rigorous.features.values.allSatisfy { $0.count == components })
    #expect(rigorous.redundancy.pairInteractions.count == components)
    for table in rigorous.redundancy.shapley {
      #expect(abs(table.values.reduce(0, +) - table.full) < 1e-9, "\(table.effect)")
    }
    for confidence in rigorous.classConfidence {
      #expect(abs(confidence.hero + confidence.bloat + confidence.neutral - 1) < 1e-9)
    }
  }

  @Test("is the same training and fewer measurements where it is reduced")
  func reduced() throws {
    var plan = RecordedTask.plan(.sort, layers: 2, maxSteps: 100, rules: .rigorous)
    try withFolder { folder in
      let device = try CPUDevice(threads: 2)
      let trained = try Trainer(plan, on: device).model(in: folder)
      plan.reduced = true
      // The model is read from its folder, not trained again.
      let model = try Trainer(plan, on: device, supervisor: stopping(after: 0)).model(in: folder)
      #expect(model.checkpoint.parameters == trained.checkpoint.parameters)
      let record = try Analysis(plan, on: device).analyse(model)
      #expect(record.configuration.reduced == true)
      let rigorous = try #require(record.rigorous)
      #expect(Set(rigorous.causal.map(\.method)) == ["mean", "zero", "published"])
      #expect(rigorous.gradients.count == 2 * 5)
      #expect(rigorous.lengths.isEmpty && rigorous.redundancy.pairInteractions.isEmpty)
      #expect(rigorous.redundancy.shapley.isEmpty)
      #expect(rigorous.decomposition.count == 6)
      #expect(rigorous.features["gradient_trend"]?.count == 6)
    }
  }

  @Test("measures mean ablation on the samples of its stream, as evaluations apart do")
  func paired() throws {
    let (record, model) = try measured()
    let device = try CPUDevice(threads: 2)
    let transformer = try Transformer(
      model.checkpoint.configuration, parameters: [model.checkpoint.parameters], on: device)
    let samples = RigorousSamples(plan: Self.plan)
    let length = record.ood.length...record.ood.length
    let means = try ComponentMeans(transformer, batches: samples.meanBatches(length))
    let sequences = try samples.pairs(length, count: RigorousCounts.of(Self.plan).samples).sequences
    let components = Component.all(of: Self.plan.model)
    let accuracies = try transformer.accuracies(
      [Lane](repeating: Lane(sequences: sequences), count: components.count + 1),
      under: try [.none]
        + components.map { try InterventionMethod.mean.intervention(on: [$0], means: means) })
    func table(_ effect: Effect) throws -> RunRecord.CausalTable {
      try #require(record.rigorous?.causal.first { $0.method == "mean" && $0.effect == effect.rawValue })
    }
    let exact = try table(.exactMatch)
    #expect(abs(exact.base - accuracies[0]) < 1e-12)
    for i in components.indices {
      #expect(abs(exact.values[i] - (accuracies[0] - accuracies[i + 1])) < 1e-12)
    }
    // Means and their standard errors, s/√n, of the effect on each sample.
    let evaluation = CausalEvaluation(
      transformer, try samples.pairs(length, count: sequences.count), means: means)
    let effects = try #require(try evaluation.effects(of: components.map { [$0] }, [.mean])[.mean])
    let probability = try table(.logProbability)
    for (i, effect) in effects.effects.enumerated() {
      let (values, count) = (effect.logProbability, Double(sequences.count))
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = (squares / (count - 1) / count).squareRoot()
      #expect(abs(probability.values[i] - mean) <= 1e-9)
      #expect(error > 0 && abs(probability.standardErrors[i] - error) <= 1e-9 * error)
    }
  }

  @Test("prunes the two strongest of a class together, on the samples that the unharmed model is judged by")
  func pruned() throws {
    let plan = RecordedTask.plan(RecordedTask().task("first"), layers: 2, heads: 4, rules: .rigorous)
    let device = try CPUDevice(threads: 2)
    let checkpoint = try withFolder { try Trainer(plan, on: device).model(in: $0) }.checkpoint
    let transformer = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
    let means = try ComponentMeans(
      transformer, batches: RigorousSamples(plan: plan).meanBatches(9...9, count: 4))
    let components = Component.all(of: plan.model)
    // Causal scores that rise as gradient scores fall: three heroes, of gradient ranks 1 to 3, and three
    // bloats.
    let gradient: [Double] = [3, 9, 1, 5, 10, 2, 6, 8, 4, 7]
    let comparison = try RankComparison(
      gradient: gradient, causal: gradient.map { 11 - $0 }, threshold: .from(5))
    #expect(comparison.classes.count { $0 == .hero } == 3 && comparison.classes.count { $0 == .bloat } == 3)
    let (heroes, bloats) = ([components[2], components[5]], [components[4], components[1]])

    let own = CounterStream(seed: UInt64(plan.seed), purpose: .pruning)
    var stream = DataStream(own)
    let pruning = try Pruning(plan: plan, transformer: transformer, means: means)
      .prune(components, comparison, length: 9, &stream)
    #expect(pruning.heroes == heroes.map(\.name) && pruning.bloats == bloats.map(\.name))

    func accuracies(_ lengths: ClosedRange<Int>, _ stream: some RandomStream) throws -> [Double] {
      var stream = stream
      let sequences = BatchLayout.evaluationBatch(
        plan.task.samples(plan.studyProtocol.pruningSamples, length: lengths, from: &stream))
      let interventions = try [[], heroes, bloats].map {
        try plan.studyProtocol.causalMeasure.intervention(on: $0, means: means)
      }
      return try transformer.accuracies(
        interventions.map { _ in Lane(sequences: sequences) }, under: interventions)
    }
    let ood = try accuracies(9...9, own)
    #expect([pruning.baseline, pruning.pruneHeroes, pruning.pruneBloats] == ood)
    let trained = try accuracies(plan.studyProtocol.trainingLengths, own.split(0))
    #expect(
      [
        pruning.inDistributionBaseline, pruning.inDistributionPruneHeroes, pruning.inDistributionPruneBloats,
      ] == trained)
    // Pruning must change something, or the comparison shows little.
    #expect(Set(ood).count > 1 && Set(trained).count > 1, "\(ood), \(trained)")
  }

  @Test("draws each purpose from a stream of its own: data do not move when a measurement is added")
  func streams() {
    let samples = RigorousSamples(plan: Self.plan)
    let batches = samples.gradientBatches(9...9, count: 2)
    _ = samples.meanBatches(9...9, count: 5)
    _ = samples.accuracy(9)
    #expect(samples.gradientBatches(9...9, count: 3).prefix(2).elementsEqual(batches))
    #expect(batches[0] != samples.meanBatches(9...9, count: 1)[0])
    #expect(batches[0] != samples.gradientBatches(10...10, count: 1)[0])
  }
}

@Suite("The decomposition of rho") struct DecompositionTests {
  /// Three components, 8 samples: base 1 throughout; component i fails on the first i + 1 samples.
  private func effects(_ method: InterventionMethod) -> SetEffects {
    let components = [0, 1, 2].map { Component.mlp(layer: $0) }
    return SetEffects(
      method: method, sets: components.map { [$0] }, base: Outcomes(repeating: 1, count: 8),
      effects: components.indices.map { i in
        var effect = Outcomes(repeating: 0, count: 8)
        for sample in 0...i { effect.exactMatch[sample] = 1 }
        return effect
      })
  }

  private func table(_ score: String, _ values: [Double]) -> RunRecord.GradientTable {
    RunRecord.GradientTable(
      score: score, distribution: "ood", isSigned: false, first: values, second: values, values: values,
      reliability: Reliability(half: 1, whole: 1))
  }

  @Test("takes other samples for each component where it is unpaired, the same where it is paired")
  func steps() throws {
    let mean = effects(.mean)
    let causal = RunRecord.CausalTable(
      method: "mean", effect: "exact_match", base: 1, first: [1, 2, 3], second: [1, 2, 3], values: [1, 2, 3],
      standardErrors: [0, 0, 0], reliability: Reliability(half: 0.25, whole: 0.4))
    let steps = try DecompositionMeasurement(
      published: effects(.published), mean: mean, frobenius: table("frobenius", [1, 2, 3]),
      rms: table("rms", [3, 2, 1]), causal: causal, samples: 2
    ).steps()
    #expect(
      steps.map(\.step) == [
        "published", "ablate_before_w_o", "pair_samples", "more_samples", "normalise_gradient",
        "correct_attenuation",
      ])
    // Unpaired, with blocks of two samples: component 0 fails on one of samples 0–1, component 1 on none of
    // 2–3, component 2 on none of 4–5. The causal scores are ½, 0, 0, against gradient scores of 1, 2, 3.
    #expect(abs((steps[0].rho ?? 0) - -0.866_025_403_784_438_6) < 1e-12)
    #expect(steps[1].rho == steps[0].rho)
    // Paired on samples 0–1, the causal scores are ½, 1, 1.
    #expect(abs((steps[2].rho ?? 0) - 0.866_025_403_784_438_6) < 1e-12)
    #expect(abs((steps[3].rho ?? 0) - 1) < 1e-12 && abs((steps[4].rho ?? 0) + 1) < 1e-12)
    #expect(abs((steps[5].rho ?? 0) - -1 / 0.4.squareRoot()) < 1e-12)
  }
}
