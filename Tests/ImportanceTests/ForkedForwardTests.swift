import CPUDevice
import Compute
import Importance
import Tasks
import TestDevices
import Testing
import Transformer

@Suite("A forked forward") struct ForkedForwardTests {
  private static let configuration = ModelConfiguration(layers: 3, heads: 2, dModel: 24, dMLP: 40)

  /// Single components, pairs with and without shared prefixes, whole layers, everything, repeats, and
  /// unchanged runs.
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

  @Test("gives every intervention the result that it has alone, bit for bit", arguments: Backend.allCases)
  func equalsPlain(backend: Backend) throws {
    let model = try Examples.randomModel(Self.configuration, seed: 131, on: backend.make())
    let samples = try Examples.causalSamples(backend == .reference ? 7 : 23, 2...5, seed: 132)
    let means = try ComponentMeans(model, batches: [Examples.sequences(20, 3...5, seed: 133)])
    var named = InterventionMethod.allCases.flatMap { method in Self.sets.map { (method, $0) } }
    if backend == .reference {
      // A subset, because the reference is slow.
      named = named.enumerated().filter { $0.offset % 6 == 1 }.map(\.element)
    }
    var evaluation = CausalEvaluation(model, samples, means: means)
    let interventions = try named.map { try evaluation.intervention(on: $1, $0) }
    let together = try evaluation.outcomes(interventions)
    for (i, (method, components)) in named.enumerated() {
      let plain = Outcomes(try model.plainScores(samples, interventions[i]))
      #expect(together[i] == plain, "\(method) of \(components.map(\.name))")
    }
    // Interventions must have different results, or the comparison shows little.
    #expect(Set(together.map(\.logProbability)).count > interventions.count / 2)
    guard backend == .cpu else { return }
    // One sequence at a time, with interventions divided among many passes.
    for rowLimit in [1, 333, .max] {
      evaluation.rowLimit = rowLimit
      #expect(try evaluation.outcomes(interventions) == together, "\(rowLimit) rows at a time")
    }
  }

  @Test("does so with rotary positions as well")
  func rotary() throws {
    var configuration = Self.configuration
    configuration.positions = .rotary
    let model = try Examples.randomModel(configuration, seed: 138, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(11, 2...5, seed: 139)
    let interventions = try [InterventionMethod.zero, .noising].flatMap { method in
      try Self.sets.map { try method.intervention(on: $0) }
    }
    let together = try CausalEvaluation(model, samples).outcomes(interventions)
    for (intervention, outcomes) in zip(interventions, together) {
      let plain = Outcomes(try model.plainScores(samples, intervention))
      #expect(outcomes == plain, "\(intervention)")
    }
    #expect(Set(together.map(\.logProbability)).count > interventions.count / 2)
  }

  @Test("computes the scores of targets from the logits by their definitions", arguments: Backend.allCases)
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
      let positions = sequence.targets.indices.filter { sequence.targets[$0] != TokenSequence.noLoss }
      for (position, row) in zip(positions, rows) {
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

  @Test("refuses unknown sites, two patches at one site, and runs of other lengths")
  func refused() throws {
    let model = try Examples.randomModel(Self.configuration, seed: 136, on: CPUDevice(threads: 1))
    let forked = ForkedForward(model)
    let sequences = Examples.sequences(2, 2...2, seed: 137)
    func scores(_ patches: [Patch], run: Int = 0) throws {
      _ = try forked.scores(
        ForkedForward.Samples(sequences), [Intervention(run: run, patches: patches)])
    }
    let (head, mlp) = (Site.output(.head(layer: 0, head: 1)), Site.output(.mlp(layer: 2)))
    let ones = [Double](repeating: 1, count: 24)
    try scores([Patch(mlp, .constant(ones)), Patch(head, .constant(Array(ones.prefix(12))))])
    try scores([Patch(head, .zero), Patch(.projectedColumns(layer: 0, head: 1), .zero)])
    for patches in [
      [Patch(head, .zero), Patch(head, .zero)],
      [Patch(head, .zero), Patch(mlp, .zero), Patch(head, .run(0))],
      [Patch(.output(.head(layer: 3, head: 0)), .zero)], [Patch(.output(.head(layer: 0, head: 2)), .zero)],
      [Patch(.output(.mlp(layer: -1)), .zero)], [Patch(.projectedColumns(layer: 0, head: 2), .zero)],
      [Patch(head, .constant(ones))], [Patch(mlp, .constant([]))], [Patch(head, .run(1))],
      [Patch(head, .run(-1))],
    ] {
      #expect(throws: ModelError.self, "\(patches)") { try scores(patches) }
    }
    #expect(throws: ModelError.self) { try scores([], run: 1) }
    for run in [[sequences[0].tokens], sequences.map { Array($0.tokens.dropLast()) }] {
      #expect(throws: ModelError.self) {
        try forked.scores(
          ForkedForward.Samples(sequences, otherRuns: [run]), [Intervention(run: 1)])
      }
    }
    #expect(throws: ModelError.self) {
      try forked.scores(ForkedForward.Samples(sequences, foils: [[1]]), [.none])
    }
    let nothing = try forked.scores(ForkedForward.Samples([]), [.none])
    #expect(nothing.map(\.count) == [0])
  }
}
