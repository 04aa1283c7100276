import CPUDevice
import Compute
import Foundation
import Importance
import RandomStreams
import ReferenceDevice
import Safetensors
import Tasks
import Testing
import Transformer

/// The devices an analysis is held to.
enum Backend: String, CaseIterable, Sendable {
  case reference, cpu

  func make() throws -> any Device {
    switch self {
    case .reference: ReferenceDevice()
    case .cpu: try CPUDevice(threads: 2)
    }
  }
}

/// Bit patterns, compared as a whole: NaN equals itself, 0 is not −0. Not a collection, whose differences a failing
/// expectation would look for, element by element, for minutes.
struct Bits: Equatable, CustomStringConvertible, CustomReflectable {
  let patterns: [UInt32]

  var description: String { "\(patterns.count) values of hash \(patterns.hashValue)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

extension Collection where Element == Float {
  var bits: Bits { Bits(patterns: map(\.bitPattern)) }
}

/// ‖values − expected‖/‖expected‖; NaN where counts differ.
func relativeError(_ values: [Double], _ expected: [Double]) -> Double {
  guard values.count == expected.count else { return .nan }
  func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let difference = norm(zip(values, expected).map { $0 - $1 })
  return difference == 0 ? 0 : difference / norm(expected)
}

func relativeError(_ values: [Float], _ expected: [Float]) -> Double {
  relativeError(values.map(Double.init), expected.map(Double.init))
}

/// Models and samples to look into.
enum Examples {
  /// Odd, and small enough to decode with.
  static let configuration = ModelConfiguration(layers: 2, heads: 3, dModel: 39, dMLP: 70)

  static func randomModel(
    _ configuration: ModelConfiguration = configuration, seed: UInt64, on device: any Device
  ) throws -> Transformer {
    let parameters = randomParameters(configuration, seed: seed)
    return try Transformer(configuration, parameters: [parameters], on: device)
  }

  /// Drawn parameters with norms that are not ones and zeros, and heads that differ.
  static func randomParameters(_ configuration: ModelConfiguration, seed: UInt64) -> [Float] {
    var stream = CounterStream(seed: seed, purpose: .initialisation)
    let layout = ParameterLayout(configuration)
    var parameters = layout.initialParameters(from: &stream)
    for tensor in layout.namedTensors {
      var values = tensor.extract(from: parameters)
      if tensor.name.contains("ln") {
        values = zip(values, stream.uniform(count: values.count, bound: 0.5)).map { $0 + $1 }
      } else if tensor.name.contains("W_Q") || tensor.name.contains("W_K") {
        values = values.map { 3 * $0 }
      }
      tensor.insert(values, into: &parameters)
    }
    return parameters
  }

  /// Samples of the sorting task as they are evaluated.
  static func samples(_ count: Int, _ length: ClosedRange<Int>, seed: UInt64) -> [Sample] {
    var stream = CounterStream(seed: seed, purpose: .evaluation)
    return IntegerTask.sort.samples(count, length: length, from: &stream)
  }

  static func sequences(_ count: Int, _ length: ClosedRange<Int>, seed: UInt64) -> [TokenSequence] {
    BatchLayout.evaluationBatch(samples(count, length, seed: seed))
  }

  /// A model that sorts short sequences sometimes: 300 steps on one or two integers.
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

  /// PyTorch's small model and its batch; the fixtures belong to `TransformerTests`.
  static func small() throws -> (checkpoint: Checkpoint, sequences: [TokenSequence], ablated: SafetensorsFile)
  {
    let file = try fixture("small_batch.safetensors")
    let width = try file.shape(of: "tokens")[1]
    let tokens = try file.integers(named: "tokens").map(Int32.init)
    let targets = try file.integers(named: "targets").map(Int32.init)
    let sequences = stride(from: 0, to: tokens.count, by: width).map {
      TokenSequence(tokens: Array(tokens[$0..<$0 + width]), targets: Array(targets[$0..<$0 + width]))
    }
    return (
      try Checkpoint(contentsOf: fixtures.appendingPathComponent("small.safetensors")), sequences,
      try fixture("small_ablated.safetensors")
    )
  }

  static func fixture(_ name: String) throws -> SafetensorsFile {
    try SafetensorsFile(contentsOf: fixtures.appendingPathComponent(name))
  }

  private static var fixtures: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("TransformerTests/Fixtures")
  }
}

func exponential(_ value: Double) -> Double { Foundation.exp(value) }
func logarithm(_ value: Double) -> Double { Foundation.log(value) }
