import Compute
import Foundation
import Importance
import Safetensors
import Tasks
import TestModels
import Testing
import Transformer

/// PyTorch's results for every edge of a model, written by `Tests/Oracle/make_edge_fixtures.py`.
struct EdgeFixture {
  let checkpoint: Checkpoint
  let clean: [TokenSequence]
  let corrupted: [TokenSequence]
  /// In the order of tensors.
  let edges: [Edge]
  let writers: [String]
  let readers: [String]
  let file: SafetensorsFile

  init(_ name: GradientFixture.Name) throws {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
    let file = try SafetensorsFile(
      contentsOf: folder.appendingPathComponent("\(name)_edges.safetensors"))
    let checkpoint = try GradientFixture(name).checkpoint
    func names(_ key: String) throws -> [String] {
      try #require(file.metadata[key]).split(separator: ",").map(String.init)
    }
    (clean, corrupted) = (try file.sequences("clean."), try file.sequences("corrupted."))
    (writers, readers) = (try names("writers"), try names("readers"))
    edges = try names("edges").map { try Edge(named: $0, in: checkpoint.configuration) }
    (self.file, self.checkpoint) = (file, checkpoint)
  }

  func model(on device: any Device) throws -> Transformer {
    try Transformer(checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
  }
}
