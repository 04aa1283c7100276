import CPUDevice
import Compute
import Tasks
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// A forward that begins within a block, given what enters there, equals the whole one.
@Suite("A forward from within a block") struct ForwardStartTests {
  /// What a forward gave: logits, and the gradients that hooks saw.
  private struct Found: Equatable {
    var logits: Bits
    var gradients: [HookPoint: Bits] = [:]
  }

  private func found(
    _ model: Transformer, _ batch: Batch, from start: ForwardStart, hooks: Hooks, at points: Set<HookPoint>
  ) throws -> Found {
    let forward = try model.keptForward(batch, from: start, hooks: hooks)
    var found = Found(logits: try model.readLogits(batch).bits)
    try model.backward(
      forward, .none,
      gradientHooks: Hooks(points: points) { point, matrix, rows in
        found.gradients[point] = try model.device.read(matrix.buffer, 0..<rows.extent * matrix.columns).bits
      })
    return found
  }

  @Test(
    "gives the same bits and gradients in every family, with and without recomputation",
    arguments: Fixtures.families, [false, true])
  func sameBits(name: String, recomputes: Bool) throws {
    let source = try CheckpointSource(Fixtures.url("families/\(name)"))
    let model = try source.transformer(on: CPUDevice(threads: 2))
    model.recomputesActivations = recomputes
    let sequences = try Fixtures.tensors("families/\(name)/check.safetensors").sequences()
    for selection in recomputes ? [RowSelection.live] : [.live, .all] {
      let batch = try Batch(sequences, selection, for: model.configuration, on: model.device)
      for layer in 0..<model.configuration.layers {
        for (start, entries, last) in [
          (ForwardStart.heads(layer), [HookPoint.residPre(layer), .z(layer)], HookPoint.z(layer)),
          (.mlpOutput(layer), [.residMid(layer), .mlpOut(layer)], .mlpOut(layer)),
        ] {
          var kept: [HookPoint: [Float]] = [:]
          let points = Set((layer + 1..<model.configuration.layers).map { HookPoint.z($0) } + [last])
          let whole = try found(
            model, batch, from: .block(0),
            hooks: Hooks(points: Set(entries)) { point, matrix, rows in
              kept[point] = try model.device.read(matrix.buffer, 0..<rows.extent * matrix.columns)
            }, at: points)
          // Another batch runs in between, so that nothing of the first remains.
          try model.forward(
            try Batch(
              randomSequences([15], vocabulary: model.configuration.vocabulary, seed: 7), for: model.configuration,
              on: model.device))
          let part = try found(
            model, batch, from: start,
            hooks: Hooks(points: Set(entries)) { point, matrix, _ in
              try model.device.write(kept[point] ?? [], to: matrix.buffer, at: matrix.offset)
            }, at: points)
          #expect(part == whole, "\(start), \(selection)")
        }
      }
    }
  }

  @Test("has no gradients of weights")
  func refusals() throws {
    let configuration = ModelConfiguration(layers: 2, heads: 2, dModel: 8, dMLP: 9, vocabulary: 11)
    let model = try Transformer(random: configuration, seed: 3, on: CPUDevice(threads: 1))
    let batch = try Batch(
      randomSequences([5], vocabulary: 11, seed: 4), .live, for: configuration, on: model.device)
    let forward = try model.keptForward(batch, from: .heads(1))
    #expect(throws: ModelError.self) { try model.backward(forward, .scores) }
    #expect(throws: ModelError.self) { try model.backward(forward, .none, factors: { _ in }) }
    try model.backward(forward, .none)
  }
}
