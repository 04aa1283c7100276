import CPUDevice
import Compute
import Importance
import RandomStreams
import ReferenceDevice
import Tasks
import Testing
import Transformer

@Suite("Paired ablations with shared prefixes")
struct PairedAblationTests {
  private static let configuration = ModelConfiguration(layers: 3, heads: 2, dModel: 24, dMLP: 40)

  @Test(
    "every lane gives what its replacement alone gives, sample by sample",
    arguments: [ReplacementName.mean, .zero, .published])
  func lanesEqualSingleForwards(_ name: ReplacementName) throws {
    let model = try trained(on: CPUDevice(threads: 2))
    var stream = CounterStream(seed: 7, purpose: .evaluation)
    let samples = BatchLayout.evaluationBatch(IntegerTask.sort.samples(60, length: 1...4, from: &stream))
    let means = try ComponentMeans(model, batches: [samples])
    let components = Component.all(of: Self.configuration)
    let paired = try model.pairedExactMatches(
      samples, components.map { ($0, name.kind) }, means: means)
    let single = try model.exactMatches(
      [EvaluationJob(samples)] + components.map { EvaluationJob(samples, Intervention($0, name.kind)) },
      means: means)
    #expect(paired == single)
    // Neither all right nor all wrong, or the comparison says nothing.
    #expect(Set(paired.joined()).count == 2)
    #expect(Set(paired.map { $0.count(where: { $0 }) }).count > 2)
  }

  @Test("ablations come in any order; a patch of one batch's rows is refused")
  func order() throws {
    let model = try untrained(on: ReferenceDevice())
    let (late, early) = (Component.mlp(layer: 1), Component.head(layer: 0, head: 1))
    let sequences = [TokenSequence(prompt: [101, 5, 102], target: [5, 103])]
    #expect(
      try model.pairedExactMatches(sequences, [(late, .zero), (early, .zero)]).map(\.count) == [1, 1, 1])
    let cache = try ActivationCache(model, Batch(sequences, for: Self.configuration, on: model.device))
    #expect {
      try model.pairedExactMatches(sequences, [(late, .patch(from: cache))])
    } throws: {
      if case ImportanceError.patchedRows = $0 { true } else { false }
    }
  }

  enum ReplacementName: Sendable {
    case mean, zero, published

    var kind: ReplacementKind {
      switch self {
      case .mean: .mean
      case .zero: .zero
      case .published: .published
      }
    }
  }

  private func untrained(on device: any Device) throws -> Transformer {
    var stream = MersenneTwister(seed: 3)
    let parameters = ParameterLayout(Self.configuration).initialParameters(from: &stream)
    return try Transformer(Self.configuration, parameters: [parameters], on: device)
  }

  /// Trained for a moment on short sequences, so that some samples are right and some wrong.
  private func trained(on device: any Device) throws -> Transformer {
    let model = try untrained(on: device)
    let adam = try AdamOptimiser(model, learningRate: 3e-3)
    var stream = CounterStream(seed: 11, purpose: .trainingData)
    for _ in 0..<400 {
      let samples = IntegerTask.sort.samples(32, length: 1...3, from: &stream)
      try model.computeGradients(
        Batch(BatchLayout.packed.sequences(samples), for: Self.configuration, on: device))
      try adam.update(model)
    }
    return model
  }
}
