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

  @Test("by mean ablation agree with PyTorch", arguments: Fixtures.families)
  func means(name: String) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(name)"))
    let expected = try Fixtures.tensors("families/\(name)/check.safetensors")
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.reference.make())
    let sequences = try expected.sequences()
    let means = try ComponentMeans(model, batches: [sequences])
    let batch = try Batch(sequences, .all, for: model.configuration, on: model.device)
    let losses = try expected.floats(named: "mean")
    for (index, component) in Component.all(of: model.configuration).enumerated() {
      let intervention = try InterventionMethod.mean.intervention(on: [component], means: means)
      try model.forward(batch, hooks: .applying([intervention], to: model))
      let loss = try model.readLosses(slots: 0..<1)[0]
      #expect(abs(loss - losses[index]) <= 1e-5, "\(component.name)")
    }
  }

  /// A norm after the heads of a block makes what a head writes depend on the other heads.
  @Test(
    "by all edges of a writer, to later blocks and the logits, equal a patch of the writer",
    arguments: ["llama", "gemma2", "gemma2-uncapped"])
  func edges(name: String) throws {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/\(name)"))
    let expected = try Fixtures.tensors("families/\(name)/check.safetensors")
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.reference.make())
    let (configuration, sequences) = (model.configuration, try expected.sequences())
    let width = sequences[0].tokens.count
    let corrupted = try expected.integers(named: "corrupted").map(Int32.init)
    let samples = ForkedForward.Samples(
      sequences, otherRuns: [sequences.indices.map { Array(corrupted[$0 * width..<($0 + 1) * width]) }])
    for writer in Edge.Writer.all(of: configuration) {
      let edges = Edge.all(of: configuration).filter { $0.writer == writer }
      let found = try ForkedForward(model).logits(
        samples,
        [
          .none, InterventionMethod.noising.intervention(onEdges: edges, in: configuration),
          Intervention(patches: [Patch(writer.site, .run(1))]),
        ])
      #expect(relativeError(found[1], found[2]) <= 1e-6, "\(writer.name)")
      #expect(found[1] != found[0], "\(writer.name)")
    }
  }
}
