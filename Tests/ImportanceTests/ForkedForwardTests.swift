import CPUDevice
import Compute
import Importance
import Tasks
import TestDevices
import Testing
import Transformer

@Suite("A forked forward") struct ForkedForwardTests {
  private static let configuration = ModelConfiguration(layers: 3, heads: 2, dModel: 24, dMLP: 40)

  /// Singles, pairs that share prefixes and pairs that don't, whole layers, everything, doubles, the runs.
  private static var sets: [[Component]] {
    let all = Component.all(of: configuration)
    let pairs = all.indices.flatMap { i in all[(i + 1)...].map { [all[i], $0] } }
    let mlps = all.filter { $0.head == nil }
    let larger: [[Component]] = [
      all, all.reversed(), mlps, all.filter { $0.head != nil }, all.filter { $0.layer == 1 },
      [all[0], all[2], all[4], all[8]], [all[0], all[2], all[5], all[8]], [all[2], all[5], all[8]], [],
    ]
    return all.map { [$0] } + pairs + larger
  }

  @Test("gives what every intervention alone gives, bit for bit", arguments: Backend.allCases)
  func equalsPlain(backend: Backend) throws {
    let model = try Examples.randomModel(Self.configuration, seed: 131, on: backend.make())
    let samples = try Examples.causalSamples(backend == .reference ? 7 : 23, 2...5, seed: 132)
    let means = try ComponentMeans(model, batches: [Examples.sequences(20, 3...5, seed: 133)])
    var interventions = InterventionMethod.allCases.flatMap { method in
      Self.sets.map { ComponentIntervention($0, method) }
    }
    if backend == .reference {
      // Slow: some of each.
      interventions = interventions.enumerated().filter { $0.offset % 6 == 1 }.map(\.element)
    }
    var evaluation = CausalEvaluation(model, samples, means: means)
    let together = try evaluation.outcomes(interventions)
    for (intervention, outcomes) in zip(interventions, together) {
      let plain = Outcomes(try model.plainScores(samples, intervention, means: means))
      #expect(outcomes == plain, "\(intervention.method) of \(intervention.components.map(\.name))")
    }
    // Interventions do different things, or the comparison says little.
    #expect(Set(together.map(\.logProbability)).count > interventions.count / 2)
    guard backend == .cpu else { return }
    // Sequences one at a time, and interventions split among many passes.
    for rowLimit in [1, 333, .max] {
      evaluation.rowLimit = rowLimit
      #expect(try evaluation.outcomes(interventions) == together, "\(rowLimit) rows at a time")
    }
  }

  @Test("does so with rotary positions")
  func rotary() throws {
    var configuration = Self.configuration
    configuration.positions = .rotary
    let model = try Examples.randomModel(configuration, seed: 138, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(11, 2...5, seed: 139)
    let interventions = [InterventionMethod.zero, .noising].flatMap { method in
      Self.sets.map { ComponentIntervention($0, method) }
    }
    let together = try CausalEvaluation(model, samples, means: nil).outcomes(interventions)
    for (intervention, outcomes) in zip(interventions, together) {
      let plain = Outcomes(try model.plainScores(samples, intervention, means: nil))
      #expect(outcomes == plain, "\(intervention.method) of \(intervention.components.map(\.name))")
    }
    #expect(Set(together.map(\.logProbability)).count > interventions.count / 2)
  }

  @Test("scores targets as their definitions say, of the logits", arguments: Backend.allCases)
  func definitions(backend: Backend) throws {
    let model = try Examples.randomModel(Self.configuration, seed: 134, on: backend.make())
    let samples = try Examples.causalSamples(6, 2...4, seed: 135)
    let batch = try Batch(samples.sequences, for: model.configuration, on: model.device)
    try model.forward(batch)
    let (logits, width) = (try model.readLogits(batch).map(Double.init), model.configuration.vocabulary)
    let foils = try Batch.foilRows(samples.sequences, samples.foils)
    let scores = try model.readTargetScores(batch, foils: foils)[0]
    for (i, (sequence, score)) in zip(samples.sequences, scores).enumerated() {
      let rows = batch.sequenceOutputRows[0][i]
      var (right, logProbability, differences) = (0, 0.0, [Double]())
      for (position, row) in zip(sequence.targetPositions, rows) {
        let values = Array(logits[row * width..<(row + 1) * width])
        let target = Int(sequence.targets[position])
        let largest = try #require(values.max())
        if values.firstIndex(of: largest) == target { right += 1 }
        let normaliser = values.reduce(0) { $0 + exponential($1 - largest) }
        logProbability += values[target] - largest - logarithm(normaliser)
        let foil = samples.foils[i][position]
        if Int(foil) != target { differences.append(values[target] - values[Int(foil)]) }
      }
      #expect(score.targets == rows.count && score.right == right)
      let bound = 2e-5
      #expect(abs(score.logProbability - logProbability / Double(rows.count)) <= bound)
      #expect(!differences.isEmpty)
      let mean = differences.reduce(0, +) / Double(differences.count)
      #expect(abs(score.logitDifference - mean) <= bound)
    }
    #expect(Outcomes(scores).tokenAccuracy == scores.map { Double($0.right) / Double($0.targets) })
  }

  @Test("refuses edits that overlap or lie elsewhere, and runs of other lengths")
  func refused() throws {
    let model = try Examples.randomModel(Self.configuration, seed: 136, on: CPUDevice(threads: 1))
    let forked = ForkedForward(model, constants: try model.device.makeBuffer(count: 24))
    let sequences = Examples.sequences(2, 2...2, seed: 137)
    func scores(_ edits: [ForkedForward.Edit], run: Int = 0) throws {
      _ = try forked.scores(
        ForkedForward.Samples(sequences), [ForkedForward.Variant(run: run, edits: edits)])
    }
    func edit(_ point: HookPoint, _ columns: Range<Int>, _ source: ForkedForward.Source = .zeros)
      -> ForkedForward.Edit
    { ForkedForward.Edit(point: point, columns: columns, source: source) }
    try scores([edit(.z(0), 12..<24), edit(.z(0), 0..<12)])
    for edits in [
      [edit(.z(0), 0..<12), edit(.z(0), 11..<24)], [edit(.z(3), 0..<12)], [edit(.residPre(1), 0..<12)],
      [edit(.z(0), 12..<25)], [edit(.mlpOut(0), 0..<12)], [edit(.z(0), 0..<12, .run(1))],
    ] {
      #expect(throws: ModelError.self) { try scores(edits) }
    }
    #expect(throws: ModelError.self) { try scores([], run: 1) }
    for run in [[sequences[0].tokens], sequences.map { Array($0.tokens.dropLast()) }] {
      #expect(throws: ModelError.self) {
        try forked.scores(
          ForkedForward.Samples(sequences, otherRuns: [run]), [ForkedForward.Variant(run: 1)])
      }
    }
    #expect(throws: ModelError.self) {
      try forked.scores(ForkedForward.Samples(sequences, foils: [[1]]), [ForkedForward.Variant()])
    }
    let nothing = try forked.scores(ForkedForward.Samples([]), [ForkedForward.Variant()])
    #expect(nothing.map(\.count) == [0])
  }
}
