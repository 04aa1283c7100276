import CPUDevice
import Compute
import Foundation
import RandomStreams
import ReferenceDevice
import Safetensors
import Tasks
import Testing

@testable import Transformer

/// What PyTorch says; `Tests/Oracle/make_fixtures.py` writes it.
enum Fixtures {
  static func url(_ name: String) throws -> URL {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(name)")
  }

  static func tensors(_ name: String) throws -> SafetensorsFile { try SafetensorsFile(contentsOf: url(name)) }

  static func json<Value: Decodable>(_ name: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(contentsOf: url(name)))
  }

  /// The small model, everything about it odd.
  static func small() throws -> Checkpoint { try Checkpoint(contentsOf: url("small.safetensors")) }

  /// Its batch: [6, 11].
  static func smallSequences() throws -> [TokenSequence] { try sequences("small_batch.safetensors") }

  static func sequences(_ name: String) throws -> [TokenSequence] {
    let file = try tensors(name)
    let width = try file.shape(of: "tokens")[1]
    let tokens = try file.integers(named: "tokens").map(Int32.init)
    let targets = try file.integers(named: "targets").map(Int32.init)
    return stride(from: 0, to: tokens.count, by: width).map {
      TokenSequence(tokens: Array(tokens[$0..<$0 + width]), targets: Array(targets[$0..<$0 + width]))
    }
  }
}

/// The devices a model is held to, and what single precision may leave.
enum Backend: String, CaseIterable, Sendable {
  case reference, cpu

  func make() throws -> any Device {
    switch self {
    case .reference: ReferenceDevice()
    case .cpu: try CPUDevice(threads: 2)
    }
  }

  /// Of activations and gradients against float64 stored in single precision.
  var bound: Double { self == .reference ? 1e-6 : 1e-4 }
  /// Of a mean loss.
  var lossBound: Double { self == .reference ? 1e-6 : 1e-5 }
}

/// ‖values − expected‖/‖scale‖, of `expected` itself unless another scale is given. NaN where counts differ.
func relativeError(_ values: [Double], _ expected: [Double], scale: Double? = nil) -> Double {
  guard values.count == expected.count else { return .nan }
  let difference = norm(zip(values, expected).map { $0 - $1 })
  return difference == 0 ? 0 : difference / (scale ?? norm(expected))
}

func relativeError(_ values: [Float], _ expected: [Float], scale: Double? = nil) -> Double {
  relativeError(values.map(Double.init), expected.map(Double.init), scale: scale)
}

func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
func norm(_ values: [Float]) -> Double { norm(values.map(Double.init)) }

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

extension Transformer {
  /// A model of drawn parameters, its norms not ones and zeros.
  convenience init(random configuration: ModelConfiguration, seed: UInt64, on device: any Device) throws {
    let parameters = ParameterLayout(configuration).randomParameters(seed: seed)
    try self.init(configuration, parameters: [parameters], on: device)
  }

  /// The last mean loss, with every digit the device keeps.
  func preciseLoss() throws -> Double { try device.readDoubles(loss, lossSlot..<lossSlot + 1)[0] }

  func preciseLogits(_ batch: Batch) throws -> [Double] {
    let logits = try #require(activations).logits
    return try device.readDoubles(logits.buffer, 0..<batch.outputRows.extent * logits.columns)
  }

  func preciseGradients() throws -> [Double] { try device.readDoubles(try #require(gradients)) }
}

extension ParameterLayout {
  func randomParameters(seed: UInt64) -> [Float] {
    var stream = CounterStream(seed: seed, purpose: .initialisation)
    var parameters = initialParameters(from: &stream)
    for tensor in namedTensors where tensor.name.contains("ln") {
      let shift = stream.uniform(count: tensor.shape[0], bound: 0.5)
      tensor.insert(zip(tensor.extract(from: parameters), shift).map { $0 + $1 }, into: &parameters)
    }
    return parameters
  }
}

/// Sequences of `lengths` tokens, about half of their positions with a target.
func randomSequences(_ lengths: [Int], vocabulary: Int, seed: UInt64) -> [TokenSequence] {
  var stream = CounterStream(seed: seed, purpose: .validation)
  return lengths.map { length in
    let tokens = (0..<length).map { _ in Int32(stream.integer(in: 0..<vocabulary)) }
    var targets = (0..<length).map { _ in Int32(stream.integer(in: -vocabulary..<vocabulary)) }
    targets = targets.map { $0 < 0 ? TokenSequence.noLoss : $0 }
    if length > 1 { targets[length / 2] = 1 }
    return TokenSequence(tokens: tokens, targets: targets)
  }
}
