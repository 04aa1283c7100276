import Importance
import Safetensors
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

/// Models of other families, with what PyTorch computes with them (`Tests/Oracle/families.py`).
@Suite("Scores of models of other families") struct FamilyScoreTests {
  @Test(
    "by attribution patching and relevance patching agree with PyTorch", arguments: Fixtures.families,
    Backend.allCases)
  func attributions(name: String, backend: Backend) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(name)"))
    let expected = try Fixtures.tensors("families/\(name)/check.safetensors")
    let sequences = try expected.sequences()
    let width = sequences[0].tokens.count
    let corrupted = try expected.integers(named: "corrupted").map(Int32.init)
    let partners = sequences.enumerated().map { row, sequence in
      TokenSequence(tokens: Array(corrupted[row * width..<(row + 1) * width]), targets: sequence.targets)
    }
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
    let found = try GradientScores(
      model, batches: [sequences], corrupted: [partners], method: .noising,
      scores: [.attributionPatching, .relevancePatching])
    for score in [GradientScore.attributionPatching, .relevancePatching] {
      let reference = try expected.floats(
        named: score.rawValue, shape: [found.components.count, sequences.count])
      let values = try #require(found.values[score]).flatMap { $0 }
      // Norms and probabilities of the library are in single precision.
      let error = relativeError(values, reference.map(Double.init))
      #expect(error <= (backend == .reference ? 2e-5 : 1e-4), "\(score.rawValue)")
    }
  }
}
