import CPUDevice
import Compute
import Tasks
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// The division of parameters into several buffers does not change them.
@Suite("Parameters in groups") struct ParameterStoreTests {
  private let configuration = ModelConfiguration(
    layers: 3, heads: 3, dModel: 15, dMLP: 22, vocabulary: 31, context: 9, positions: .learned)

  private func model(_ count: Int, limit: Int?, on device: any Device) throws -> Transformer {
    try Transformer(
      configuration,
      parameters: (0..<count).map { ParameterLayout(configuration).randomParameters(seed: 300 + UInt64($0)) },
      on: device, groupLimit: limit)
  }

  @Test(
    "are written and read in pieces that cross groups, for one model of several", arguments: [nil, 500, 1])
  func pieces(limit: Int?) throws {
    let device = try CPUDevice(threads: 1)
    let models = try model(3, limit: limit, on: device)
    let store = models.parameters
    let before = try (0..<3).map { try store.read(ofModel: $0, on: device) }
    let values = ParameterLayout(configuration).randomParameters(seed: 310)
    for first in stride(from: 0, to: values.count, by: 333) {
      let piece = Array(values[first..<min(first + 333, values.count)])
      try store.write(piece, from: first, toModel: 1, on: device)
    }
    var found: [Float] = []
    try store.forEachPiece(ofModel: 1, on: device) { found += $0 }
    #expect(found.bits == values.bits)
    #expect(try store.read(ofModel: 0, on: device).bits == before[0].bits)
    #expect(try store.read(ofModel: 2, on: device).bits == before[2].bits)
    for first in [-1, values.count - 1] {
      #expect(throws: ModelError.self) { try store.write([1, 2], from: first, toModel: 1, on: device) }
    }
  }

  @Test("train to the same bits as in one buffer, for any number of groups", arguments: [1, 500, 3000])
  func training(limit: Int) throws {
    let device = try CPUDevice(threads: 2)
    let (whole, split) = (try model(2, limit: nil, on: device), try model(2, limit: limit, on: device))
    #expect(whole.parameters.groups.count == 1 && split.parameters.groups.count > 1)
    let sequences = randomSequences([7, 2, 9], vocabulary: 31, seed: 301)
    for model in [whole, split] {
      let adam = try AdamOptimiser(model, learningRate: 0.01)
      for _ in 0..<5 {
        let lanes = (0..<2).map { Lane(model: $0, sequences: sequences) }
        try model.computeGradients(try Batch(lanes, .live, for: configuration, on: device))
        try adam.update(model)
      }
      let kept = try model.keeping([1])
      #expect(try kept.parameters(ofModel: 0).bits == model.parameters(ofModel: 1).bits)
    }
    for index in 0..<2 {
      #expect(try whole.parameters(ofModel: index).bits == split.parameters(ofModel: index).bits)
      #expect(try whole.gradients(ofModel: index).bits == split.gradients(ofModel: index).bits)
      let weight = whole.layout.blocks[1].mlp.output.weight
      #expect(try whole.values(of: weight, ofModel: index) == split.values(of: weight, ofModel: index))
    }
  }

  @Test("give the norms of any blocks of any models in the requested order")
  func norms() throws {
    let device = try CPUDevice(threads: 1)
    let layout = ParameterLayout(configuration)
    let unembedding = try #require(layout.unembedding)
    let blocks = [1, 0, 1].flatMap { model in
      [unembedding.weight.segment, layout.valueWeight(2, heads: 1..<3), layout.embedding.segment]
        .map { ParameterStore.ModelSegment($0, ofModel: model) }
    }
    func norms(_ limit: Int?) throws -> [Double] {
      let store = try model(2, limit: limit, on: device).parameters
      let output = try device.makeBuffer(count: blocks.count)
      try store.norms(of: blocks, into: output, on: device)
      return try device.readDoubles(output)
    }
    let expected = try norms(nil)
    #expect(Set(expected).count == 6)
    #expect(try norms(400) == expected)
    let values = layout.randomParameters(seed: 301)
    let segment = layout.valueWeight(2, heads: 1..<3)
    var block: [Double] = []
    for row in 0..<segment.rows {
      let first = segment.offset + row * segment.stride
      block += values[first..<first + segment.columns].map(Double.init)
    }
    #expect(!(abs(expected[1] - norm(block)) > 1e-5 * expected[1]))
  }

  @Test("a tensor above the buffer limit has its own group, and each element is in exactly one group")
  func groups() throws {
    let memory = MemoryEstimate()
    let layout = ParameterLayout(configuration)
    for limit in [1, 100, 1000, 10_000, 1 << 30] {
      let groups = try ParameterStore(layout, models: 3, limit: limit, on: memory).groups
      #expect(groups.first?.lowerBound == 0 && groups.last?.upperBound == layout.count)
      for (one, next) in zip(groups, groups.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
      for group in groups where 3 * group.count > limit {
        #expect(layout.tensors.count { group.contains($0.offset) } == 1)
      }
    }
  }
}

@Suite("Results of a pass") struct MissingPassTests {
  @Test("are refused if no such pass has run")
  func nothingRan() throws {
    let device = try CPUDevice(threads: 1)
    let configuration = ModelConfiguration(layers: 1, heads: 1, dModel: 8, dMLP: 8, vocabulary: 10)
    let model = try Transformer(random: configuration, seed: 1, on: device)
    let batch = try Batch(
      randomSequences([5], vocabulary: 10, seed: 2), .live, for: configuration, on: device)
    let reads: [() throws -> Void] = [
      { _ = try model.readLogits(batch) }, { _ = try model.readCorrect(batch) },
      { _ = try model.readPreciseLogits(batch) }, { _ = try model.readRowLosses(batch) },
      { _ = try model.readTargetScores(batch) }, { _ = try model.gradients(ofModel: 0) },
      { try AdamOptimiser(model).update(model) }, { try model.forward(batch, lossSlot: 64) },
      { try model.forward(batch, lossSlot: -1) },
    ]
    for read in reads { #expect(throws: ModelError.self) { try read() } }
  }
}
