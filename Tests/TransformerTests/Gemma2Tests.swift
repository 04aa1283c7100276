import Compute
import Safetensors
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// The parts of Gemma 2 that are easily left out without notice. `FamilyTests` compares the whole model with PyTorch.
@Suite("Gemma 2") struct Gemma2Tests {
  enum Part: String, CaseIterable {
    case embeddingScale, one, logitCap, scoreCap, queryScale, window, windowByOne, windowedLayers, outputNorms
  }

  @Test("has other logits without any of its parts", arguments: Part.allCases)
  func parts(part: Part) throws {
    var checkpoint = try Checkpoint(contentsOf: Fixtures.url("families/gemma2"))
    let expected = try Fixtures.tensors("families/gemma2/check.safetensors")
    let whole = try error(checkpoint, expected)
    #expect(whole <= 1e-5)
    switch part {
    case .embeddingScale: checkpoint.configuration.architecture.embeddingScale = nil
    case .one:
      for tensor in checkpoint.tensors where tensor.shift != 0 {
        for place in tensor.offset..<tensor.offset + tensor.shape[0] { checkpoint.parameters[place] -= 1 }
      }
    case .logitCap: checkpoint.configuration.architecture.logitCap = nil
    case .scoreCap: checkpoint.configuration.architecture.scores.cap = nil
    case .queryScale: checkpoint.configuration.architecture.scores.scale = nil
    case .window: checkpoint.configuration.architecture.slidingWindow = nil
    case .windowByOne: checkpoint.configuration.architecture.slidingWindow?.keys += 1
    case .windowedLayers:
      checkpoint.configuration.architecture.slidingWindow?.layers = [false, true, false]
    case .outputNorms:
      for block in ParameterLayout(checkpoint.configuration).blocks {
        for norm in [block.attention.outputNorm, block.mlp.outputNorm] {
          let range = try #require(norm).weight.range
          checkpoint.parameters.replaceSubrange(range, with: range.map { _ in 1 })
        }
      }
    }
    #expect(try error(checkpoint, expected) > 1e-3)
  }

  @Test("has windows in every other layer, from the first on, where its file does not list layers")
  func alternation() throws {
    let configuration = try Checkpoint(contentsOf: Fixtures.url("families/gemma2")).configuration
    #expect(configuration.blocks.map(\.attention.scores.window) == [5, nil, 5])
    var unlisted = configuration
    unlisted.architecture.slidingWindow?.layers = [true, false]
    #expect(unlisted.blocks == configuration.blocks)
  }

  private func error(_ checkpoint: Checkpoint, _ expected: SafetensorsFile) throws -> Double {
    let model = try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: Backend.reference.make())
    let batch = try Batch(expected.sequences(), .all, for: model.configuration, on: model.device)
    try model.forward(batch)
    return relativeError(try model.readLogits(batch), try expected.floats(named: "logits"))
  }
}
