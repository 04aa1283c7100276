import Compute
import Foundation
import Importance
import RandomStreams
import Tasks
import TestModels
import Transformer

/// Models and samples for the tests of this target.
enum Examples {
  /// Odd sizes, small enough for decoding.
  static let configuration = ModelConfiguration(layers: 2, heads: 3, dModel: 39, dMLP: 70)

  /// A model with random parameters and different heads.
  static func randomModel(
    _ configuration: ModelConfiguration = configuration, seed: UInt64, on device: any Device
  ) throws -> Transformer {
    try Transformer(random: configuration, seed: seed, attentionScale: 3, on: device)
  }

  /// Samples of the sorting task, in the form for evaluation.
  static func samples(_ count: Int, _ length: ClosedRange<Int>, seed: UInt64) -> [Sample] {
    var stream = CounterStream(seed: seed, purpose: .evaluation)
    return IntegerTask.sort.samples(count, length: length, from: &stream)
  }

  static func sequences(_ count: Int, _ length: ClosedRange<Int>, seed: UInt64) -> [TokenSequence] {
    BatchLayout.evaluationBatch(samples(count, length, seed: seed))
  }

  /// A model that sorts short sequences part of the time, after 300 steps on one or two integers.
  static func trainedModel(on device: any Device) throws -> Transformer {
    let model = try randomModel(seed: 101, on: device)
    let optimiser = try AdamOptimiser(model, learningRate: 3e-3)
    var stream = CounterStream(seed: 102, purpose: .trainingData)
    for _ in 0..<300 {
      let samples = IntegerTask.sort.samples(48, length: 1...2, from: &stream)
      let batch = try Batch(
        BatchLayout.packed.sequences(samples), for: model.configuration, on: device)
      try model.computeGradients(batch)
      try optimiser.update(model)
    }
    return model
  }
}

func exponential(_ value: Double) -> Double { Foundation.exp(value) }
func logarithm(_ value: Double) -> Double { Foundation.log(value) }
