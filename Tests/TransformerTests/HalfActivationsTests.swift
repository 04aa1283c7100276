import Compute
import HalfPrecision
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("Activations kept in half precision", .serialized)
struct HalfActivationsTests {
  private func model(
    _ configuration: ModelConfiguration, _ device: any Device, _ format: HalfFormat?, models: Int = 2
  ) throws -> Transformer {
    let layout = ParameterLayout(configuration)
    let model = try Transformer(
      configuration, parameters: (0..<models).map { layout.randomParameters(seed: 60 + UInt64($0)) },
      on: device)
    model.activationFormat = format
    return model
  }

  @Test(
    "leave the loss as it is; gradients differ by no more than rounding explains",
    arguments: Backend.allCases,
    ModelConfiguration.Positions.allCases)
  func gradients(backend: Backend, positions: ModelConfiguration.Positions) throws {
    let device = try backend.make()
    for (layers, selection) in [(2, RowSelection.live), (3, .distinct), (3, .all)] {
      let configuration = OddModel.configuration(positions, layers: layers)
      func results(_ format: HalfFormat?) throws -> (losses: [[Float]], gradients: [[Float]]) {
        let model = try model(configuration, device, format)
        let batch = try Batch(OddModel.lanes(), selection, for: configuration, on: device)
        // Twice, with a forward between that uses the same buffers.
        try model.computeGradients(batch)
        try model.forward(batch)
        try model.computeGradients(batch)
        return (
          try model.readAllLosses(slots: 0..<1), try (0..<2).map { try model.gradients(ofModel: $0) }
        )
      }
      let exact = try results(nil)
      for format in HalfFormat.allCases {
        let half = try results(format)
        #expect(half.losses == exact.losses)
        for (gradient, exact) in zip(half.gradients, exact.gradients) {
          let error = relativeError(gradient, exact)
          #expect(error <= format.unitRoundoff, "\(layers) layers, \(selection), \(format)")
          #expect(error > 0, "\(layers) layers, \(selection), \(format): nothing was rounded")
        }
      }
    }
  }

  @Test("a model of one block keeps its activations as they are")
  func oneBlock() throws {
    let device = try Backend.cpu.make()
    let configuration = OddModel.configuration(.learned, layers: 1)
    func bits(_ format: HalfFormat?) throws -> [Bits] {
      let model = try model(configuration, device, format)
      try model.computeGradients(Batch(OddModel.lanes(), .distinct, for: configuration, on: device))
      return try (0..<2).map { try model.gradients(ofModel: $0).bits }
    }
    let isSame = try bits(.float16) == bits(nil)
    #expect(isSame)
  }

  @Test(
    "of a deep model with sharp attention: gradients stay within eight unit roundoffs",
    arguments: HalfFormat.allCases)
  func deep(format: HalfFormat) throws {
    let device = try Backend.cpu.make()
    let configuration = OddModel.configuration(.rotary, layers: 12)
    let layout = ParameterLayout(configuration)
    var parameters = layout.randomParameters(seed: 77)
    // Queries and keys five times as large, so scores are 25 times as large.
    for block in layout.blocks {
      let weight = block.attention.queryKeyValue.weight
      for row in 0..<weight.rows {
        for column in 0..<2 * configuration.attentionWidth {
          parameters[weight.offset + row * weight.columns + column] *= 5
        }
      }
    }
    func gradients(_ format: HalfFormat?) throws -> [Float] {
      let model = try Transformer(configuration, parameters: [parameters], on: device)
      model.activationFormat = format
      try model.computeGradients(
        Batch(Fixtures.smallSequences(), .distinct, for: configuration, on: device))
      return try model.gradients(ofModel: 0)
    }
    let error = relativeError(try gradients(format), try gradients(nil))
    #expect(error > 0 && error <= 8 * format.unitRoundoff)
  }

  @Test("too large for float16 have no finite gradients; bfloat16 has")
  func overflow() throws {
    let device = try Backend.cpu.make()
    let configuration = OddModel.configuration(.learned, layers: 2)
    let layout = ParameterLayout(configuration)
    var parameters = layout.randomParameters(seed: 5)
    let weight = layout.blocks[0].mlp.input.weight
    for index in weight.offset..<weight.offset + weight.count { parameters[index] *= 1e6 }
    func isFinite(_ format: HalfFormat?) throws -> Bool {
      let model = try Transformer(configuration, parameters: [parameters], on: device)
      model.activationFormat = format
      try model.computeGradients(Batch(Fixtures.smallSequences(), for: configuration, on: device))
      #expect(try model.readAllLosses(slots: 0..<1)[0][0].isFinite)
      return try model.gradients(ofModel: 0).allSatisfy(\.isFinite)
    }
    #expect(try isFinite(nil) && isFinite(.bfloat16))
    #expect(try !isFinite(.float16))
  }

  @Test("are the same when models leave the ensemble and when batches grow")
  func leaving() throws {
    let device = try Backend.cpu.make()
    let configuration = OddModel.configuration(.none, layers: 3)
    let sequences = try Fixtures.smallSequences()
    let batch = try Batch([Lane(sequences: sequences)], .distinct, for: configuration, on: device)
    let whole = try model(configuration, device, .float16)
    try whole.computeGradients(
      Batch([Lane(model: 1, sequences: [sequences[0]])], .distinct, for: configuration, on: device))
    let rest = try whole.keeping([1])
    // First a small batch, so that buffers have to grow.
    try rest.computeGradients(Batch([sequences[0]], .distinct, for: configuration, on: device))
    try rest.computeGradients(batch)
    let alone = try Transformer(
      configuration, parameters: [whole.parameters(ofModel: 1)], on: device)
    alone.activationFormat = .float16
    try alone.computeGradients(batch)
    let isSame = try rest.gradients(ofModel: 0).bits == alone.gradients(ofModel: 0).bits
    #expect(isSame)
  }

  @Test("are there for one backward of a forward that begins with the first block and has no hooks")
  func refusals() throws {
    let device = try Backend.cpu.make()
    let configuration = OddModel.configuration(.none, layers: 3)
    let model = try model(configuration, device, .float16, models: 1)
    let batch = try Batch(Fixtures.smallSequences(), for: configuration, on: device)
    let forward = try model.keptForward(batch)
    try model.backward(forward, .all)
    #expect(throws: ModelError.self) { try model.backward(forward, .all) }
    #expect(throws: ModelError.self) { try model.keptForward(batch, from: .block(1)) }
    let hooks = Hooks(points: [.z(0)]) { _, _, _ in }
    #expect(throws: ModelError.self) { try model.keptForward(batch, hooks: hooks) }
    #expect(try model.keeping([0]).activationFormat == .float16)
  }
}
