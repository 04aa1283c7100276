import Foundation
import Safetensors
import Tasks
import Transformer

/// PyTorch's models and their results, written by `Tests/Oracle`.
package enum Fixtures {
  /// A file in `TestModels/Fixtures`.
  package static func url(_ name: String) throws -> URL {
    guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
    return folder.appendingPathComponent("Fixtures/\(name)")
  }

  package static func tensors(_ name: String) throws -> SafetensorsFile {
    try SafetensorsFile(contentsOf: url(name))
  }

  /// The models of other families in `families`, each a folder.
  package static let families = [
    "gpt2", "gpt2-untied", "neox", "neox-sequential", "llama", "llama3", "llama-linear", "qwen2", "qwen3",
    "gemma2", "gemma2-usual", "gemma2-uncapped",
  ]

  /// A value of JSON whose keys are in snake case.
  package static func json<Value: Decodable>(_ name: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Value.self, from: Data(contentsOf: url(name)))
  }

  /// The small model, with odd sizes: 3 layers, 5 heads, d_model 40, d_mlp 72, vocabulary 31, learned
  /// positions.
  package static func small() throws -> Checkpoint { try Checkpoint(contentsOf: url("small.safetensors")) }

  /// The batch of the small model, [6, 11].
  package static func smallSequences() throws -> [TokenSequence] {
    try sequences("small_batch.safetensors")
  }

  /// The batch of a file with `tokens` and `targets`, both [sequence, position].
  package static func sequences(_ name: String) throws -> [TokenSequence] { try tensors(name).sequences() }
}

extension SafetensorsFile {
  /// The sequences of the tensors `<prefix>tokens` and `<prefix>targets`, both [sequence, position].
  package func sequences(_ prefix: String = "") throws -> [TokenSequence] {
    let width = try shape(of: "\(prefix)tokens")[1]
    let tokens = try integers(named: "\(prefix)tokens").map(Int32.init)
    let targets = try integers(named: "\(prefix)targets").map(Int32.init)
    return stride(from: 0, to: tokens.count, by: width).map {
      TokenSequence(tokens: Array(tokens[$0..<$0 + width]), targets: Array(targets[$0..<$0 + width]))
    }
  }
}
