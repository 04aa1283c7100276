import CPUDevice
import Compute
import Foundation
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("The optimiser with warm-up, schedule, weight decay and clipping", .serialized)
struct OptimiserTests {
  /// Twelve steps of PyTorch on a tiny model with learned positions.
  private struct Expected: Decodable {
    struct Training: Decodable {
      var name: String
      var warmupSteps: Int
      var schedule: OptimiserSettings.Schedule
      var weightDecay: Double
      var clipNorm: Double
      var rates: [Double]
      var losses: [Double]
      var norms: [Double]
    }

    var learningRate: Double
    var steps: Int
    var trainings: [Training]

    func settings(_ training: Training) -> OptimiserSettings {
      OptimiserSettings(
        learningRate: learningRate, warmupSteps: training.warmupSteps, schedule: training.schedule,
        maxSteps: steps, weightDecay: training.weightDecay, clipNorm: training.clipNorm)
    }
  }

  @Test(
    "agrees with PyTorch in twelve steps, with each addition alone and with all", arguments: Backend.allCases)
  func oracle(backend: Backend) throws {
    let expected: Expected = try Fixtures.json("optimiser_training.json")
    let parameters = try Fixtures.tensors("optimiser_expected.safetensors")
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("optimiser.safetensors"))
    let sequences = try Fixtures.sequences("optimiser_batch.safetensors")
    let device = try backend.make()
    #expect(expected.trainings.map(\.name) == ["decay", "warmup", "cosine", "clip", "all"])
    for training in expected.trainings {
      let model = try Transformer(
        checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
      let settings = expected.settings(training)
      let optimiser = try AdamOptimiser(model, settings)
      let batch = try Batch(sequences, .live, for: model.configuration, on: device)
      for (step, loss) in training.losses.enumerated() {
        let rate = settings.learningRate(atStep: step + 1)
        #expect(abs(rate - training.rates[step]) <= 1e-8 * expected.learningRate, "\(training.name), \(step)")
        try model.computeGradients(batch)
        #expect(
          abs(try model.preciseLoss() - loss) <= backend.lossBound * loss, "\(training.name), step \(step)")
        let size = norm(try model.preciseGradients())
        #expect(abs(size - training.norms[step]) <= backend.bound * size, "\(training.name), step \(step)")
        try optimiser.update(model)
      }
      let trained = try model.parameters(ofModel: 0)
      for tensor in model.layout.namedTensors {
        let reference = try parameters.floats(named: "\(training.name).\(tensor.name)", shape: tensor.shape)
        let error = relativeError(tensor.extract(from: trained), reference)
        // The gradient of this bias is mathematically zero, so in single precision Adam follows its roundings.
        if tensor.name.hasSuffix("b_K"), backend != .reference { continue }
        #expect(error <= backend.bound, "\(training.name), \(tensor.name)")
      }
    }
  }

  private static let configuration = ModelConfiguration(
    layers: 2, heads: 3, dModel: 33, dMLP: 50, vocabulary: 31, context: 24, positions: .learned)
  private static let everything = OptimiserSettings(
    learningRate: 3e-3, warmupSteps: 2, schedule: .cosine, maxSteps: 6, weightDecay: 0.3, clipNorm: 0.7)

  private func parameters(_ models: Int) -> [[Float]] {
    (0..<models).map { ParameterLayout(Self.configuration).randomParameters(seed: 90 + UInt64($0)) }
  }

  /// The parameters of each model after steps on the same sequences.
  private func trained(
    _ initial: [[Float]], _ settings: OptimiserSettings, on device: any Device, groupLimit: Int? = nil,
    keeping kept: [Int]? = nil
  ) throws -> [[Float]] {
    var model = try Transformer(
      Self.configuration, parameters: initial, on: device, groupLimit: groupLimit)
    var optimiser = try AdamOptimiser(model, settings)
    let sequences = try Fixtures.smallSequences()
    for step in 0..<5 {
      if step == 3, let kept { (model, optimiser) = (try model.keeping(kept), try optimiser.keeping(kept)) }
      let lanes = (0..<model.modelCount).map { Lane(model: $0, sequences: sequences) }
      try model.computeGradients(Batch(lanes, .distinct, for: Self.configuration, on: device))
      try optimiser.update(model)
    }
    return try (0..<model.modelCount).map { try model.parameters(ofModel: $0) }
  }

  @Test("gives each model of an ensemble its result alone, bit for bit", arguments: Backend.allCases)
  func ensemble(backend: Backend) throws {
    let device = try backend.make()
    let initial = parameters(3)
    let alone = try initial.map { try trained([$0], Self.everything, on: device)[0] }
    // Models that share buffers of parameters, and models whose parameters are divided into several buffers.
    for limit in [nil, 4 * 1024] {
      let together = try trained(initial, Self.everything, on: device, groupLimit: limit)
      #expect(together.map(\.bits) == alone.map(\.bits), "limit \(limit ?? 0)")
    }
    let kept = try trained(initial, Self.everything, on: device, keeping: [2, 0])
    #expect(kept.map(\.bits) == [alone[2].bits, alone[0].bits])
    let plain = try trained([initial[0]], OptimiserSettings(learningRate: 3e-3), on: device)
    #expect(plain[0].bits != alone[0].bits)
  }

  @Test("a limit above every norm changes no bit", arguments: Backend.allCases)
  func highLimit(backend: Backend) throws {
    let device = try backend.make()
    let plain = try trained(parameters(2), OptimiserSettings(), on: device)
    let clipped = try trained(parameters(2), OptimiserSettings(clipNorm: 1e6), on: device)
    #expect(clipped.map(\.bits) == plain.map(\.bits))
  }

  @Test("decays weight matrices and embeddings, and neither biases nor norms nor padding")
  func decayed() throws {
    let layout = ParameterLayout(Self.configuration)
    let device = try CPUDevice(threads: 1)
    let ones = [Float](repeating: 1, count: layout.count)
    let model = try Transformer(Self.configuration, parameters: [ones, ones], on: device, groupLimit: 4096)
    let batch = try Batch(
      try Fixtures.smallSequences(), .live, for: Self.configuration, on: device)
    try model.computeGradients(batch)
    // Model 1 has no batch, so its gradients are zero and only the decay moves it.
    let optimiser = try AdamOptimiser(
      model, OptimiserSettings(learningRate: 0.5, weightDecay: 0.5))
    try optimiser.update(model)
    let after = try model.parameters(ofModel: 1)
    var expected = ones
    for tensor in layout.namedTensors where Self.decays(tensor.name) {
      for index in tensor.indices(in: layout.count) { expected[index] = 0.75 }
    }
    // A run of sixteen may include the padding behind a tensor, which is always zero in a real model.
    let inTensors = Set(layout.namedTensors.flatMap { $0.indices(in: layout.count) })
    let isSame = inTensors.allSatisfy { after[$0] == expected[$0] }
    #expect(isSame)
  }

  /// By TransformerLens's names.
  private static func decays(_ name: String) -> Bool {
    let last = name.split(separator: ".").last ?? ""
    return last.hasPrefix("W_")
  }

  @Test("queues one operation for each buffer without additions, two more to clip, and reads nothing")
  func operations() throws {
    func queued(_ settings: OptimiserSettings) throws -> [String] {
      let device = ListingDevice(try CPUDevice(threads: 1))
      let model = try Transformer(Self.configuration, parameters: parameters(2), on: device)
      let optimiser = try AdamOptimiser(model, settings)
      let batch = try Batch(try Fixtures.smallSequences(), .live, for: Self.configuration, on: device)
      try model.computeGradients(batch)
      device.names = []
      try optimiser.update(model)
      return device.names
    }
    let alone = try queued(OptimiserSettings(warmupSteps: 5, schedule: .cosine, maxSteps: 9))
    #expect(alone == [Adam.name])
    #expect(try queued(OptimiserSettings(weightDecay: 0.1)) == [Adam.name])
    #expect(try queued(Self.everything) == [SegmentNorms.name, SegmentNorms.name, Adam.name])
  }

  @Test("the learning rate rises to its full value, stays there or falls to zero after the last step")
  func schedule() {
    var settings = OptimiserSettings(learningRate: 2, warmupSteps: 4, maxSteps: 12)
    #expect((1...7).map { settings.learningRate(atStep: $0) } == [0.5, 1, 1.5, 2, 2, 2, 2])
    settings = OptimiserSettings(learningRate: 2, warmupSteps: 4, schedule: .cosine, maxSteps: 12)
    #expect((1...5).map { settings.learningRate(atStep: $0) } == [0.5, 1, 1.5, 2, 2])
    #expect(abs(settings.learningRate(atStep: 9) - 1) < 1e-15)
    #expect(settings.learningRate(atStep: 12) > 0 && settings.learningRate(atStep: 13) < 1e-15)
    settings = OptimiserSettings(learningRate: 2, schedule: .cosine, maxSteps: 1)
    #expect(settings.learningRate(atStep: 1) == 2)
    settings = OptimiserSettings(learningRate: 2, warmupSteps: 3, schedule: .cosine, maxSteps: 3)
    #expect(settings.learningRate(atStep: 3) == 2 && settings.learningRate(atStep: 4) == 2)
  }
}

/// Lists the operations and reads that pass through it.
private final class ListingDevice: ForwardingDevice {
  let device: any Device
  var names: [String] = []

  init(_ device: any Device) { self.device = device }

  func perform(_ operation: any DeviceOperation) throws {
    names.append(operation.name)
    try operation.run(on: device)
  }

  func read(_ buffer: any Buffer, _ range: Range<Int>) throws -> [Float] {
    names.append("read")
    return try device.read(buffer, range)
  }
}
