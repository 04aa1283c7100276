import CPUDevice
import Compute
import RandomStreams
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("An ensemble") struct EnsembleTests {
  private static let configuration = ModelConfiguration(
    layers: 2, heads: 3, dModel: 33, dMLP: 50, context: 20, positions: .learned)

  /// Each model's own batches, with different sizes and lengths.
  private func batches(_ model: Int, steps: Int) -> [[TokenSequence]] {
    var stream = CounterStream(seed: UInt64(60 + model), purpose: .trainingData)
    return (0..<steps).map { _ in
      let samples = IntegerTask.sort.samples([5, 23, 64][model], length: 2...(4 + model), from: &stream)
      return (model == 1 ? BatchLayout.published : .packed).sequences(samples)
    }
  }

  @Test(
    "of three models trains each model as it trains alone, bit for bit",
    arguments: Backend.allCases, [ModelConfiguration.Positions.learned, .rotary])
  func training(backend: Backend, positions: ModelConfiguration.Positions) throws {
    let device = try backend.make()
    for selection in [RowSelection.live, .distinct] { try training(on: device, selection, positions) }
  }

  private func training(
    on device: any Device, _ selection: RowSelection, _ positions: ModelConfiguration.Positions
  ) throws {
    var configuration = Self.configuration
    configuration.positions = positions
    if positions == .rotary { configuration.dModel = 30 }
    let steps = 5
    let initial = (0..<3).map { ParameterLayout(configuration).randomParameters(seed: 70 + UInt64($0)) }
    let batches = (0..<3).map { self.batches($0, steps: steps) }
    let ensemble = try Transformer(configuration, parameters: initial, on: device)
    let optimiser = try AdamOptimiser(ensemble, learningRate: 3e-3)
    var losses = [[Float]](repeating: [], count: 3)
    for step in 0..<steps {
      let lanes = (0..<3).map { Lane(model: $0, sequences: batches[$0][step]) }
      try ensemble.computeGradients(try Batch(lanes, selection, for: configuration, on: device))
      for model in 0..<3 { losses[model] += try ensemble.readLosses(ofModel: model, slots: 0..<1) }
      try optimiser.update(ensemble)
    }
    for model in 0..<3 {
      let alone = try Transformer(configuration, parameters: [initial[model]], on: device)
      let optimiser = try AdamOptimiser(alone, learningRate: 3e-3)
      var expected: [Float] = []
      for sequences in batches[model] {
        try alone.computeGradients(try Batch(sequences, selection, for: configuration, on: device))
        expected += try alone.readLosses(slots: 0..<1)
        try optimiser.update(alone)
      }
      #expect(losses[model].bits == expected.bits, "model \(model)")
      #expect(Set(expected).count == steps && expected.allSatisfy(\.isFinite))
      let (together, single) = (try ensemble.parameters(ofModel: model), try alone.parameters(ofModel: 0))
      #expect(together.bits == single.bits, "model \(model)")
      #expect(single.bits != initial[model].bits)
    }
  }

  @Test(
    "continues with some of its models, in another order, without changing their results",
    arguments: Backend.allCases)
  func keeping(backend: Backend) throws {
    let configuration = Self.configuration
    let initial = (0..<3).map { ParameterLayout(configuration).randomParameters(seed: 80 + UInt64($0)) }
    let batches = (0..<3).map { self.batches($0, steps: 4) }
    let device = try backend.make()
    func step(_ transformer: Transformer, _ optimiser: AdamOptimiser, _ models: [Int], _ step: Int) throws
      -> [[Float]]
    {
      let lanes = models.enumerated().map { Lane(model: $0, sequences: batches[$1][step]) }
      try transformer.computeGradients(try Batch(lanes, .live, for: configuration, on: device))
      try optimiser.update(transformer)
      return try transformer.readAllLosses(slots: 0..<1)
    }
    let (whole, all) = (try Transformer(configuration, parameters: initial, on: device), [0, 1, 2])
    let adam = try AdamOptimiser(whole, learningRate: 3e-3)
    for index in 0..<2 { _ = try step(whole, adam, all, index) }
    let models = [2, 0]
    let (part, partAdam) = (try whole.keeping(models), try adam.keeping(models))
    #expect(part.modelCount == 2 && partAdam.step == 2)
    for index in 2..<4 {
      let expected = try step(whole, adam, all, index)
      let losses = try step(part, partAdam, models, index)
      #expect(losses.map(\.bits) == models.map { expected[$0].bits })
    }
    for (place, model) in models.enumerated() {
      #expect(try part.parameters(ofModel: place).bits == whole.parameters(ofModel: model).bits)
      let (moments, expected) = (try partAdam.moments(ofModel: place), try adam.moments(ofModel: model))
      #expect(moments.first.bits == expected.first.bits && moments.second.bits == expected.second.bits)
    }
    #expect(throws: ComputeError.self) { try part.keeping([2]) }
  }

  @Test("refuses a model that it does not have, and rows of one model in two places")
  func lanes() throws {
    let device = try CPUDevice(threads: 1)
    let ensemble = try Transformer(
      Self.configuration, parameters: [ParameterLayout(Self.configuration).randomParameters(seed: 1)],
      on: device)
    let sequences = batches(0, steps: 1)[0]
    let stranger = try Batch(
      [Lane(model: 1, sequences: sequences)], .live, for: Self.configuration, on: device)
    #expect(throws: ComputeError.self) { try ensemble.forward(stranger) }
    #expect(throws: ComputeError.self) {
      try Batch(
        [0, 1, 0].map { Lane(model: $0, sequences: sequences) }, .live, for: Self.configuration, on: device)
    }
  }

  @Test("refuses parameters of another size")
  func sizes() throws {
    let device = try CPUDevice(threads: 1)
    let parameters = ParameterLayout(Self.configuration).randomParameters(seed: 1)
    #expect {
      try Transformer(Self.configuration, parameters: [parameters, Array(parameters.dropLast())], on: device)
    } throws: {
      if case ModelError.configuration = $0 { true } else { false }
    }
  }
}
