import Compute
import Foundation
import Importance
import Safetensors
import Tasks
import TestModels
import Testing
import Transformer

/// A model with gradient scores computed by PyTorch, written by `Tests/Oracle/make_gradient_fixtures.py`.
struct GradientFixture {
  let checkpoint: Checkpoint
  let batches: [[TokenSequence]]
  let corrupted: [[TokenSequence]]
  private let file: SafetensorsFile

  enum Name: String, CaseIterable, Sendable {
    /// 2 layers, 2 heads, d_model 16, no positions.
    case tiny
    /// 3 layers, 5 heads, d_model 40, learned positions.
    case small
    /// 2 layers, 3 heads, d_model 18, rotary positions.
    case rotary
  }

  init(_ name: Name) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
    let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("\(name)_scores.safetensors"))
    func group(_ prefix: String) throws -> [[TokenSequence]] {
      try (0..<2).map { try file.sequences("\(prefix).\($0).") }
    }
    checkpoint =
      switch name {
      case .tiny: try Checkpoint(contentsOf: folder.appendingPathComponent("tiny.safetensors"))
      case .small: try Fixtures.small()
      case .rotary: try Checkpoint(contentsOf: Fixtures.url("rotary.safetensors"))
      }
    (batches, corrupted, self.file) = (try group("clean"), try group("corrupted"), file)
  }

  func model(on device: any Device) throws -> Transformer {
    try Transformer(checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
  }

  /// [component][unit]
  func expected(_ name: String) throws -> [[Double]] {
    let shape = try file.shape(of: name)
    let values = try file.floats(named: name).map(Double.init)
    return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
  }
}

/// The replacement of a component, by its name in the fixtures.
enum ReplacementName: String, CaseIterable, Sendable {
  case mean, zero, corrupted

  var method: InterventionMethod {
    switch self {
    case .mean: .mean
    case .zero: .zero
    case .corrupted: .noising
    }
  }
}
