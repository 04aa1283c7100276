import Safetensors
import Tasks
import TestDevices
import TestModels
import Transformer

/// A model of a family on a device, with its batch, the corrupted run, and PyTorch's results.
struct Family {
  let model: Transformer
  let expected: SafetensorsFile
  let sequences: [TokenSequence]
  let partners: [TokenSequence]
  /// The library computes norms and probabilities in single precision.
  let bound: Double

  init(_ name: String, on backend: Backend) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(name)"))
    let expected = try Fixtures.tensors("families/\(name)/check.safetensors")
    let sequences = try expected.sequences()
    let width = sequences[0].tokens.count
    let corrupted = try expected.integers(named: "corrupted").map(Int32.init)
    model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    partners = sequences.enumerated().map { row, sequence in
      TokenSequence(tokens: Array(corrupted[row * width..<(row + 1) * width]), targets: sequence.targets)
    }
    (self.expected, self.sequences) = (expected, sequences)
    bound = backend == .reference ? 2e-5 : 1e-4
  }

  var samples: ForkedForward.Samples {
    ForkedForward.Samples(sequences, otherRuns: [partners.map(\.tokens)])
  }

  /// The sequence with wrong answers as its targets.
  func foiled(_ sequence: TokenSequence) -> TokenSequence {
    let vocabulary = Int32(model.configuration.vocabulary)
    return TokenSequence(
      tokens: sequence.tokens, targets: sequence.targets.map { $0 < 0 ? $0 : ($0 + 1) % vocabulary })
  }
}
