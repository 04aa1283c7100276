import CPUDevice
import Importance
import RandomStreams
import Tasks
import TestSupport
import Testing
import Transformer

@testable import Study

@Suite("The published program's random streams")
struct StreamOrderTests {
  @Test("a run draws in the published order, and its results belong to these draws", arguments: [7, 8])
  func order(seed: Int) throws {
    let recorded = RecordedTask()
    let plan = RecordedTask.plan(recorded.task("reverse"), layers: 4, heads: 4, maxSteps: 510, seed: seed)
    let device = try CPUDevice(threads: 1)
    let model = try withFolder { try Trainer(plan, on: device).model(in: $0) }

    // The training does not converge: 500 batches, a measurement, ten batches, and another measurement.
    var replay = Replay(DataStream(MersenneTwister(seed: UInt32(seed))))
    for step in 1...510 {
      replay.draw(4, 3...7)
      if step == 500 { replay.draw(100, 3...7) }
    }
    replay.draw(100, 3...7)
    #expect(model.training?.converged == false)
    #expect(model.training?.accuracies.map(\.step) == [500, 510])
    #expect(recorded.samples == replay.drawn)
    #expect(model.dataStream == replay.stream)

    let record = try Analysis(plan, on: device).analyse(model)
    let transformer = try Transformer(
      plan.model, parameters: [model.checkpoint.parameters], on: device)
    func sequences(_ samples: [[Int]]) -> [TokenSequence] {
      BatchLayout.evaluationBatch(samples.map { Sample(integers: $0, answer: RecordedTask.answer($0)) })
    }
    func accuracy(_ samples: [[Int]], _ intervention: Intervention) throws -> Double {
      try transformer.accuracies([Lane(sequences: sequences(samples))], under: [intervention])[0]
    }

    // Lengths are measured until one lies in the window.
    for searched in record.ood.searched {
      let samples = replay.draw(100, searched.length...searched.length)
      #expect(try accuracy(samples, .none) == searched.accuracy)
    }
    try #require(record.ood.inWindow, "the task was made so that it is")
    #expect(record.ood.searched.map(\.length) == Array(8...record.ood.length))
    let length = record.ood.length...record.ood.length

    let components = Component.all(of: plan.model)
    let gradientBatches = (0..<50).map { _ in sequences(replay.draw(4, length)) }
    let gradient = try GradientNorms(
      transformer, components.map { .component($0) }, batches: gradientBatches
    ).means
    #expect(record.components.map { $0.gradient["frobenius"] } == gradient)
    let means = try ComponentMeans(
      transformer, batches: (0..<50).map { _ in sequences(replay.draw(4, length)) })
    // Both measures of a component use the same samples.
    for (component, found) in zip(components, record.components) {
      let samples = replay.draw(100, length)
      #expect(found.name == component.name)
      #expect(
        try found.causal["published"] == record.ood.accuracy
          - accuracy(samples, InterventionMethod.published.intervention(on: [component], means: means)))
      #expect(
        try found.causal["mean"] == record.ood.accuracy
          - accuracy(samples, InterventionMethod.mean.intervention(on: [component], means: means)))
    }

    // Pruning measures the baseline, then bloats, then heroes, from the same stream; in distribution it uses
    // another stream.
    let pruning = try #require(record.pruning)
    func named(_ names: [String]) throws -> Intervention {
      try InterventionMethod.published.intervention(
        on: names.map { try Component(named: $0, in: plan.model) }, means: means)
    }
    #expect(pruning.heroes == Array(record.heroes.prefix(2)))
    #expect(pruning.bloats == Array(record.bloats.prefix(2)))
    #expect(try pruning.baseline == accuracy(replay.draw(200, length), .none))
    for (names, found) in [(pruning.bloats, pruning.pruneBloats), (pruning.heroes, pruning.pruneHeroes)] {
      #expect((found == nil) == names.isEmpty)
      if !names.isEmpty {
        #expect(try found == accuracy(replay.draw(200, length), named(names)))
      }
    }
    var extra = Replay(CounterStream(seed: UInt64(seed), purpose: .pruning).split(0))
    #expect(try pruning.inDistributionBaseline == accuracy(extra.draw(200, 3...7), .none))
    if !pruning.heroes.isEmpty { extra.draw(200, 3...7) }
    if !pruning.bloats.isEmpty { extra.draw(200, 3...7) }
    #expect(recorded.samples == replay.drawn + extra.drawn)
  }

  @Test("if no length lies in the window, the search continues with a separate stream")
  func outsideWindow() throws {
    let recorded = RecordedTask()
    // The model is untrained, so no answer is right.
    let plan = RecordedTask.plan(recorded.task("reverse"), maxSteps: 0)
    let device = try CPUDevice(threads: 1)
    let model = try withFolder { try Trainer(plan, on: device).model(in: $0) }
    #expect(model.dataStream == DataStream(MersenneTwister(seed: 7)))
    var stream = model.dataStream
    let transformer = try Transformer(plan.model, parameters: [model.checkpoint.parameters], on: device)
    let found = try OODSearch(plan: plan, transformer: transformer).find(&stream)
    #expect(!found.inWindow)
    #expect(found.searched.map(\.length) == Array(8...15))
    var replay = Replay(DataStream(MersenneTwister(seed: 7)))
    for length in 8...11 { replay.draw(100, length...length) }
    #expect(stream == replay.stream)
    var extra = Replay(CounterStream(seed: 7, purpose: .outOfDistribution))
    for length in 12...15 { extra.draw(100, length...length) }
    #expect(recorded.samples == replay.drawn + extra.drawn)
  }

  @Test("parameters and data use two generators that start with the same seed")
  func initial() throws {
    let plan = RecordedTask.plan(.sort, maxSteps: 0, seed: 123)
    let model = try withFolder { try Trainer(plan, on: CPUDevice(threads: 1)).model(in: $0) }
    var stream = DataStream(MersenneTwister(seed: 123))
    #expect(model.checkpoint.parameters == ParameterLayout(plan.model).initialParameters(from: &stream))
    #expect(model.dataStream == DataStream(MersenneTwister(seed: 123)))
    #expect(model.training?.accuracies.isEmpty == true)
  }
}
