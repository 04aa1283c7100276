import CPUDevice
import Compute
import Tasks
import TestDevices
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
    arguments: Fixtures.families, Backend.allCases)
  func sameBits(name: String, backend: Backend) throws {
    let source = try CheckpointSource(Fixtures.url("families/\(name)"))
    let sequences = try Fixtures.tensors("families/\(name)/check.safetensors").sequences()
    for (selection, recomputes) in [(RowSelection.live, false), (.all, false), (.live, true)] {
      // A model of its own: one that has kept everything goes on doing so.
      let model = try source.transformer(on: backend.make())
      model.recomputesActivations = recomputes
      let batch = try Batch(sequences, selection, for: model.configuration, on: model.device)
      for layer in 0..<model.configuration.layers {
        for (start, entries, last) in [
          (ForwardStart.heads(layer), [HookPoint.residPre(layer), .z(layer)], HookPoint.z(layer)),
          (.mlpOutput(layer), [.residMid(layer), .mlpOut(layer)], .mlpOut(layer)),
        ] {
          // On the device, because the reference has more than single precision.
          var kept: [HookPoint: any Buffer] = [:]
          let points = Set((layer + 1..<model.configuration.layers).map { HookPoint.z($0) } + [last])
          let whole = try found(
            model, batch, from: .block(0),
            hooks: Hooks(points: Set(entries)) { point, matrix, rows in
              let count = rows.extent * matrix.columns
              let copy = try model.device.makeBuffer(count: count)
              try model.device.copy(
                from: matrix.buffer, matrix.offset..<matrix.offset + count, to: copy, at: 0)
              if kept[point] == nil { kept[point] = copy }
            }, at: points)
          // Another batch runs in between, so that nothing of the first remains.
          try model.forward(
            try Batch(
              randomSequences([15], vocabulary: model.configuration.vocabulary, seed: 7),
              for: model.configuration,
              on: model.device))
          let part = try found(
            model, batch, from: start,
            hooks: Hooks(points: Set(entries)) { point, matrix, _ in
              let source = try #require(kept[point])
              try model.device.copy(from: source, 0..<source.count, to: matrix.buffer, at: matrix.offset)
            }, at: points)
          #expect(part == whole, "\(start), \(selection), recomputes: \(recomputes)")
        }
      }
      #expect(model.activations?.storage == (recomputes ? .inputs : .everything))
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
