import CPUDevice
import Foundation
import Importance
import Safetensors
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
@testable import Transformer

@Suite("The divergence from the clean run") struct DivergenceTests {
  @Test(
    "of an ablated model agrees with PyTorch", arguments: ["gpt2", "llama", "gemma2"], Backend.allCases)
  func fixtures(name: String, backend: Backend) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(name)"))
    let batch = try Fixtures.tensors("families/\(name)/check.safetensors")
    let sequences = try batch.sequences()
    let corrupted = try batch.integers(named: "corrupted").map(Int32.init)
    let width = sequences[0].tokens.count
    var samples = ForkedForward.Samples(
      sequences,
      otherRuns: [sequences.indices.map { Array(corrupted[$0 * width..<($0 + 1) * width]) }])
    samples.measuresDivergence = true
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    let url = try #require(
      Bundle.module.url(forResource: "divergences", withExtension: "safetensors", subdirectory: "Fixtures"))
    let fixture = try SafetensorsFile(contentsOf: url)
    let components = Component.all(of: checkpoint.configuration)
    for method in [InterventionMethod.zero, .noising] {
      let expected = try fixture.floats(
        named: "\(name).\(method.rawValue)", shape: [components.count, sequences.count])
      let found = try ForkedForward(model).scores(
        samples, components.map { try method.intervention(on: [$0]) })
      // A divergence is about the square of the change in the logits, and half of that change's digits are lost.
      let error = relativeError(found.flatMap { $0.map(\.divergence) }, expected.map(Double.init))
      #expect(error <= (backend == .reference ? 2e-5 : 1e-4), "\(method)")
    }
  }

  /// Random samples, and single ablations and patches of them with the unchanged runs.
  private func evaluation() throws -> (CausalEvaluation, [Intervention]) {
    let model = try Examples.randomModel(seed: 171, on: CPUDevice(threads: 2))
    let samples = try Examples.causalSamples(17, 2...5, seed: 172)
    var evaluation = CausalEvaluation(model, samples)
    evaluation.measuresDivergence = true
    let methods: [InterventionMethod] = [.zero, .resample, .noising, .denoising]
    return (
      evaluation,
      try methods.flatMap { method in
        try ([[]] + Component.all(of: model.configuration).map { [$0] }).map {
          try evaluation.intervention(on: $0, method)
        }
      }
    )
  }

  @Test("is the mean over targets of sum p (ln p - ln q), whatever passes it is measured in")
  func definition() throws {
    var (evaluation, interventions) = try evaluation()
    let found = try evaluation.outcomes(interventions)
    for rowLimit in [1, 77, .max] {
      evaluation.rowLimit = rowLimit
      #expect(try evaluation.outcomes(interventions) == found, "\(rowLimit) rows at a time")
    }
    let samples = evaluation.samples
    let width = evaluation.transformer.configuration.vocabulary
    // Logits of all positions, from another kind of pass.
    let logits = try ForkedForward(evaluation.transformer).logits(
      ForkedForward.Samples(samples.sequences, otherRuns: [samples.corrupted, samples.donors]),
      [.none] + interventions)
    func distribution(_ logits: [Float], _ row: Int) -> [Double] {
      let values = logits[row * width..<(row + 1) * width].map { exponential(Double($0)) }
      return values.map { $0 / values.reduce(0, +) }
    }
    for (intervention, outcomes) in found.enumerated() {
      var first = 0
      for (index, sequence) in samples.sequences.enumerated() {
        var (sum, count) = (0.0, 0.0)
        for (position, target) in sequence.targets.enumerated() where target >= 0 {
          let p = distribution(logits[0], first + position)
          let q = distribution(logits[intervention + 1], first + position)
          sum += zip(p, q).reduce(0) { $0 + $1.0 * (logarithm($1.0) - logarithm($1.1)) }
          count += 1
        }
        first += sequence.tokens.count
        let value = -outcomes.klDivergence[index]
        #expect(abs(value - sum / count) <= 1e-9 + 1e-7 * value, "\(intervention), \(index)")
      }
    }
    #expect(found.contains { $0.klDivergence.allSatisfy { $0 < -1e-4 } })
  }

  @Test("is exactly zero when nothing changes, and not measured unless it is wanted")
  func zero() throws {
    var (evaluation, _) = try evaluation()
    let components = Component.all(of: evaluation.transformer.configuration)
    let effects = try evaluation.effects(of: components.map { [$0] } + [components], [.noising, .denoising])
    let zeros = [Double](repeating: 0, count: evaluation.samples.count)
    #expect(effects[.noising]?.base.klDivergence == zeros)
    #expect(effects[.denoising]?.base.klDivergence.allSatisfy { $0 < 0 } == true)
    // The clean run's own rows change nothing.
    let own = try evaluation.outcomes(
      components.map { Intervention(run: 0, patches: [Patch(.output($0), .run(0))]) })
    #expect(own.allSatisfy { $0.klDivergence == zeros })
    let plain = try evaluation.outcomes([.none, .init(run: 1)])
    evaluation.measuresDivergence = false
    var unmeasured = try evaluation.outcomes([.none, .init(run: 1)])
    #expect(unmeasured[1].klDivergence == zeros)
    for index in unmeasured.indices { unmeasured[index].klDivergence = plain[index].klDivergence }
    #expect(unmeasured == plain, "everything else is as without it")
  }

  @Test("and the perplexity is the exponential of a sequence's loss, as far as sums of squares stay finite")
  func perplexity() {
    func score(_ logProbability: Double) -> TargetScore {
      TargetScore(targets: 3, right: 1, logProbability: logProbability, logitDifference: 0)
    }
    let outcomes = Outcomes([score(-1.5), score(0), score(-1e30)])
    #expect(outcomes.perplexity == [-exponential(1.5), -1, -exponential(100)])
    #expect(outcomes.standardError(.perplexity).isFinite)
    #expect(Effect.allCases.filter(\.isCost) == [.klDivergence, .perplexity])
  }
}
