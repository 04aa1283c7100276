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
    "every lane gives the result of its replacement alone, sample by sample",
    arguments: [InterventionMethod.mean, .zero, .published])
  func lanesEqualSingleForwards(_ method: InterventionMethod) throws {
    let model = try trained(on: CPUDevice(threads: 2))
    var stream = CounterStream(seed: 7, purpose: .evaluation)
    let samples = BatchLayout.evaluationBatch(IntegerTask.sort.samples(60, length: 1...4, from: &stream))
    let means = try ComponentMeans(model, batches: [samples])
    let interventions =
      try [.none]
      + Component.all(of: Self.configuration).map { try method.intervention(on: [$0], means: means) }
    let paired = try ForkedForward(model).scores(ForkedForward.Samples(samples), interventions)
      .map { $0.map(\.isExact) }
    let single = try model.exactMatches(
      interventions.map { _ in Lane(sequences: samples) }, under: interventions)
    #expect(paired == single)
    // Some answers must be right and some wrong, or the comparison shows nothing.
    #expect(Set(paired.joined()).count == 2)
    #expect(Set(paired.map { $0.count(where: { $0 }) }).count > 2)
  }

  private func untrained(on device: any Device) throws -> Transformer {
    var stream = MersenneTwister(seed: 3)
    let parameters = ParameterLayout(Self.configuration).initialParameters(from: &stream)
    return try Transformer(Self.configuration, parameters: [parameters], on: device)
  }

  /// A model trained briefly on short sequences, so that some samples are right and some wrong.
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
