import CPUDevice
import Compute
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("A backward that computes the activations of each block again", .serialized)
struct ActivationCheckpointingTests {
  private func model(
    _ configuration: ModelConfiguration, _ device: any Device, models: Int, recomputes: Bool
  ) throws -> Transformer {
    let layout = ParameterLayout(configuration)
    let model = try Transformer(
      configuration, parameters: (0..<models).map { layout.randomParameters(seed: 40 + UInt64($0)) },
      on: device)
    model.recomputesActivations = recomputes
    return model
  }

  @Test(
    "gives the same losses, gradients and steps, bit for bit", arguments: Backend.allCases,
    ModelConfiguration.Positions.allCases)
  func gradients(backend: Backend, positions: ModelConfiguration.Positions) throws {
    let device = try backend.make()
    for (layers, selection) in [
      (1, RowSelection.live), (2, .distinct), (3, .distinct), (3, .live), (3, .all),
    ] {
      let configuration = OddModel.configuration(positions, layers: layers)
      func results(_ recomputes: Bool) throws -> [Bits] {
        let model = try model(configuration, device, models: 2, recomputes: recomputes)
        let optimiser = try AdamOptimiser(model, OptimiserSettings(clipNorm: 0.5))
        let batch = try Batch(OddModel.lanes(), selection, for: configuration, on: device)
        var results: [Bits] = []
        for _ in 0..<2 {
          try model.computeGradients(batch)
          results += try (0..<2).map { try model.gradients(ofModel: $0).bits }
          try optimiser.update(model)
          // A forward alone uses the same buffers.
          try model.forward(batch)
          results.append(try model.readLogits(batch).bits)
        }
        #expect(model.activations?.storage == (recomputes ? .inputs : .everything))
        results += try model.readAllLosses(slots: 0..<1).map(\.bits)
        return results
      }
      let isSame = try results(true) == results(false)
      #expect(isSame, "\(layers) layers, \(selection)")
    }
  }

  @Test("gives the same gradients in every backward of a forward with hooks", arguments: Backend.allCases)
  func hooks(backend: Backend) throws {
    let device = try backend.make()
    let configuration = OddModel.configuration(.rotary, layers: 3)
    func results(_ recomputes: Bool) throws -> [Bits] {
      let model = try model(configuration, device, models: 1, recomputes: recomputes)
      let batch = try Batch(
        [Lane(sequences: try Fixtures.smallSequences())], .all, for: configuration, on: device)
      // Hooks that overwrite columns at every kind of place.
      let source = try device.makeBuffer((0..<50).map { 0.1 * Float($0 % 7) })
      let points: Set<HookPoint> = [
        .residPre(0), .residPre(1), .key(1), .z(0), .z(2), .attentionOut(1), .residMid(2), .mlpPost(1),
        .mlpOut(0), .residPost(1),
      ]
      let writing = Hooks(points: points) { point, matrix, rows in
        // An addition at a block's input must not be made twice.
        if case .residPre = point {
          let ones = Matrix(
            try device.makeBuffer([Float](repeating: 1, count: rows.extent * matrix.columns)),
            columns: matrix.columns)
          return try device.add(Add(left: matrix, right: ones, output: matrix, count: rows.extent))
        }
        try device.replaceRows(
          ReplaceRows(
            target: matrix, source: source,
            replacements: [Replacement(rows: 1..<rows.extent - 1, columns: 3..<8, sourceOffset: 5)]))
      }
      var seen: [Bits] = []
      let gradientHooks = Hooks(points: [.z(0), .z(1), .z(2), .mlpOut(1), .attentionOut(0)]) {
        _, matrix, rows in
        seen.append(try device.read(matrix.buffer, 0..<rows.extent * matrix.columns).bits)
      }
      for first in [0, 1] {
        let forward = try model.keptForward(batch, from: .block(first), hooks: writing)
        for request in [GradientRequest.all, .scores, .none] {
          try model.backward(
            forward, request, gradientHooks: gradientHooks,
            factors: { seen.append(try device.read($0.input.buffer).bits) })
          seen.append(try model.gradients(ofModel: 0).bits)
        }
      }
      return seen
    }
    let (plain, recomputed) = (try results(false), try results(true))
    #expect(plain.count > 30)
    let isSame = plain == recomputed
    #expect(isSame)
  }

  @Test("is kept by the ensemble that continues with some of the models")
  func keeping() throws {
    let device = try CPUDevice(threads: 1)
    let whole = try model(OddModel.configuration(.none, layers: 2), device, models: 2, recomputes: true)
    let part = try whole.keeping([1])
    #expect(part.recomputesActivations)
  }
}
