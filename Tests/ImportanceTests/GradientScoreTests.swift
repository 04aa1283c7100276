import CPUDevice
import Compute
import Importance
import ReferenceDevice
import Tasks
import TestDevices
import TestSupport
import Testing
import Transformer

@Suite("Gradient scores") struct GradientScoreTests {
  static let attributions: [GradientScore] = [
    .attributionPatching, .integratedGradients, .atpQKFix, .gradDrop, .relevancePatching,
  ]

  /// The largest relative error of a component's values.
  private func worst(_ values: [[Double]]?, _ expected: [[Double]]) -> Double {
    guard let values, values.count == expected.count else { return .nan }
    return zip(values, expected).map { relativeError($0, $1) }.reduce(0) {
      $0.isNaN || $1.isNaN ? .nan : max($0, $1)
    }
  }

  @Test("of weights agree with PyTorch", arguments: GradientFixture.Name.allCases, Backend.allCases)
  func weights(name: GradientFixture.Name, backend: Backend) throws {
    let fixture = try GradientFixture(name)
    let scores: Set<GradientScore> = [.frobenius, .rms, .taylor, .taylorAbsolute, .fisher]
    let result = try GradientScores(
      fixture.model(on: backend.make()), batches: fixture.batches, method: .zero, scores: scores)
    #expect(Set(result.values.keys) == scores)
    for score in scores {
      let error = worst(result.values[score], try fixture.expected(score.rawValue))
      #expect(error <= (backend == .reference ? 2e-6 : 1e-4), "\(score.rawValue)")
    }
  }

  @Test(
    "of activations agree with PyTorch for every replacement and metric",
    arguments: GradientFixture.Name.allCases,
    Backend.allCases)
  func activations(name: GradientFixture.Name, backend: Backend) throws {
    let fixture = try GradientFixture(name)
    let model = try fixture.model(on: backend.make())
    // The larger model is slow in double precision, and the smaller one covers all replacements.
    let kinds = name == .small && backend == .reference ? [.corrupted] : ReplacementName.allCases
    for kind in kinds {
      let means = try ComponentMeans(model, batches: fixture.batches)
      let projections = try ProjectionMeans(model, batches: fixture.batches)
      for metric in GradientMetric.allCases {
        let result = try GradientScores(
          model, batches: fixture.batches, corrupted: fixture.corrupted, method: kind.method, means: means,
          projections: projections, metric: metric, scores: Set(Self.attributions),
          integrationTolerance: backend == .reference ? 1e-6 : 1e-5,
          integrationRounding: backend == .reference ? 1e-10 : 1e-7)
        let prefix = "\(metric.rawValue).\(kind.rawValue)"
        let bound = backend == .reference ? 5e-6 : 1e-4
        for score in Self.attributions {
          let error = worst(result.values[score], try fixture.expected("\(prefix).\(score.rawValue)"))
          #expect(error <= bound, "\(prefix).\(score.rawValue)")
        }
        #expect(worst(result.effects, try fixture.expected("\(prefix).effect")) <= bound, "\(prefix).effect")
      }
    }
  }

  @Test(
    "by integrated gradients equal the true effect", arguments: ReplacementName.allCases,
    GradientMetric.allCases)
  func completeness(kind: ReplacementName, metric: GradientMetric) throws {
    let model = try Examples.trainedModel(on: CPUDevice(threads: 2))
    let batches = [Examples.sequences(9, 1...3, seed: 151), Examples.sequences(7, 2...2, seed: 152)]
    let corrupted = [Examples.sequences(9, 1...3, seed: 151), Examples.sequences(7, 2...2, seed: 153)]
    let result = try GradientScores(
      model, batches: batches, corrupted: corrupted, method: kind.method,
      means: try ComponentMeans(model, batches: batches), metric: metric, scores: [.integratedGradients])
    let values = try #require(result.values[.integratedGradients])
    for (component, (attributions, effects)) in zip(result.components, zip(values, result.effects)) {
      #expect(attributions.count == 16)
      #expect(relativeError(attributions, effects) <= 1e-3, "\(component.name)")
      #expect(effects.contains { abs($0) > 1e-4 }, "\(component.name) has no effect")
    }
    // The effect is the change of the metric under the same replacement as an intervention.
    guard kind == .zero, metric == .targetLogProbability else { return }
    let batch = try Batch(batches[0], for: model.configuration, on: model.device)
    func metrics(_ intervention: Intervention) throws -> [Double] {
      try model.forward(batch, hooks: try Hooks.applying([intervention], to: model))
      let losses = try model.readRowLosses(batch)
      return batch.sequenceOutputRows[0].map { rows in -losses[rows].reduce(0, +) / Double(rows.count) }
    }
    let clean = try metrics(.none)
    for (component, effects) in zip(result.components, result.effects) {
      let expected = zip(try metrics(InterventionMethod.zero.intervention(on: [component])), clean).map {
        $0 - $1
      }
      #expect(relativeError(Array(effects.prefix(9)), expected) <= 1e-4, "\(component.name)")
    }
  }

  @Test("of identical clean and corrupted inputs are exactly zero", arguments: Backend.allCases)
  func identical(backend: Backend) throws {
    let model = try Examples.randomModel(seed: 154, on: backend.make())
    let batches = [Examples.sequences(5, 1...4, seed: 155)]
    for metric in GradientMetric.allCases {
      let result = try GradientScores(
        model, batches: batches, corrupted: batches, method: .noising, metric: metric,
        scores: Set(Self.attributions))
      for score in Self.attributions {
        #expect(result.values[score]?.joined().allSatisfy { $0 == 0 } == true, "\(metric) \(score)")
        #expect(result.values[score]?.joined().count == 5 * result.components.count)
      }
    }
  }

  @Test("do not depend on the other components, on the batch, or on the row limit")
  func company() throws {
    let model = try Examples.randomModel(seed: 156, on: CPUDevice(threads: 2))
    let sequences = Examples.sequences(6, 2...4, seed: 157)
    let together = try GradientScores(model, batches: [sequences], method: .zero)
    let components = [Component.mlp(layer: 1), .head(layer: 1, head: 2), .head(layer: 0, head: 0)]
    let apart = try GradientScores(
      model, components: components, batches: sequences.map { [$0] }, method: .zero, rowLimit: 1)
    for score in GradientScore.allCases where score.unit == .sample {
      for (component, values) in zip(components, try #require(apart.values[score])) {
        let index = try #require(together.components.firstIndex(of: component))
        let expected = try #require(together.values[score]?[index])
        #expect(relativeError(values, expected) <= 1e-5, "\(component.name) \(score.rawValue)")
        #expect(expected.contains { $0 != 0 })
      }
    }
    #expect(apart.values[.frobenius]?.allSatisfy { $0.count == 6 } == true)
  }

  @Test("include the published norms")
  func published() throws {
    let model = try Examples.randomModel(seed: 158, on: CPUDevice(threads: 2))
    let batches = [Examples.sequences(4, 5...5, seed: 159), Examples.sequences(9, 2...4, seed: 160)]
    let scores = try GradientScores(model, batches: batches, method: .zero, scores: [.frobenius])
    let norms = try GradientNorms(model, scores.components.map { .component($0) }, batches: batches)
    // Rows with equal prefixes are summed in another order.
    for (norm, expected) in zip(scores(.frobenius), norms.means) {
      #expect(!(abs(norm - expected) > 1e-6 * expected))
    }
    #expect(norms.means.count == scores.components.count && norms.means.allSatisfy { $0 > 0 })
  }

  @Test("can be computed from any subset of the units")
  func units() throws {
    let model = try Examples.randomModel(seed: 161, on: CPUDevice(threads: 2))
    let batches = (0..<4).map { Examples.sequences(3, 2...3, seed: 162 + $0) }
    let scores = try GradientScores(
      model, components: [.head(layer: 1, head: 0)], batches: batches, method: .zero,
      scores: [.taylor, .attributionPatching])
    let taylor = try #require(scores.values[.taylor]?[0])
    let patching = try #require(scores.values[.attributionPatching]?[0])
    #expect(taylor.count == 4 && patching.count == 12)
    #expect(scores(.taylor, units: [1, 3])[0] == (abs(taylor[1]) + abs(taylor[3])) / 2)
    #expect(scores(.attributionPatching, units: [0, 5])[0] == abs(patching[0] + patching[5]) / 2)
    #expect(scores(.attributionPatching, by: .meanAbsolute)[0] >= scores(.attributionPatching)[0])
    #expect(scores(.attributionPatching, by: .mean)[0] == patching.reduce(0, +) / 12)
    #expect(scores(.gradDrop).isEmpty)
    #expect(GradientScore.Aggregation.allCases.allSatisfy { $0([]) == 0 })
  }

  @Test("that cannot be computed are refused with the reason")
  func refused() throws {
    let model = try Examples.randomModel(seed: 166, on: CPUDevice(threads: 1))
    let batches = [Examples.sequences(3, 2...2, seed: 167)]
    let means = try ComponentMeans(model, batches: batches)
    #expect(throws: ImportanceError.self) {
      try GradientScores(model, batches: batches, method: .mean, means: means, scores: [.atpQKFix])
    }
    _ = try GradientScores(
      model, batches: batches, method: .mean, means: means, scores: [.attributionPatching])
    #expect(throws: GradientScoreError.self) {
      try GradientScores(model, batches: batches, method: .noising, scores: [.gradDrop])
    }
    #expect(throws: GradientScoreError.self) {
      try GradientScores(
        model, batches: batches, method: .zero, metric: .logitDifference, scores: [.gradDrop])
    }
    for method in [InterventionMethod.published, .resample, .denoising] {
      #expect(throws: ImportanceError.self) {
        try GradientScores(model, batches: batches, method: method, means: means)
      }
    }
    let longer = Examples.sequences(3, 3...3, seed: 168)
    let elsewhere = batches[0].map { sequence in
      TokenSequence(tokens: sequence.tokens, targets: sequence.targets.map { _ in 1 })
    }
    for partners in [[longer], [elsewhere], [Array(batches[0].dropLast())], []] {
      #expect(throws: GradientScoreError.self) {
        try GradientScores(
          model, batches: batches, corrupted: partners, method: .noising, scores: [.gradDrop])
      }
    }
  }

  @Test("have the names that files use")
  func names() {
    #expect(
      GradientScore.allCases.map(\.rawValue) == [
        "frobenius", "rms", "taylor", "taylor_absolute", "fisher", "attribution_patching",
        "integrated_gradients", "atp_qk_fix", "grad_drop", "relp",
      ])
  }
}
