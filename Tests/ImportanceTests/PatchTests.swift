import CPUDevice
import Compute
import Importance
import Tasks
import TestSupport
import Testing
import Transformer

@Suite("A patch") struct PatchTests {
  private static let components: [Component] = [
    .head(layer: 0, head: 2), .mlp(layer: 0), .head(layer: 1, head: 1), .mlp(layer: 1),
  ]
  private static let count = 6
  /// Who gives its activations to whom.
  private static let order = [4, 0, 3, 5, 1, 2]

  private let model: Transformer

  init() throws { model = try Examples.randomModel(seed: 121, on: CPUDevice(threads: 2)) }

  private func point(_ component: Component) -> HookPoint {
    component.head == nil ? .mlpOut(component.layer) : .z(component.layer)
  }

  private func columns(_ component: Component) -> Range<Int> {
    let width = model.configuration.dHead
    return component.head.map { $0 * width..<($0 + 1) * width } ?? 0..<model.configuration.dModel
  }

  /// A component's outputs in one forward over a sequence alone: by row, its columns.
  private func outputs(_ component: Component, _ sequence: TokenSequence) throws -> [[Float]] {
    let device = model.device
    var result: [[Float]] = []
    try model.forward(
      try Batch([sequence], .all, for: model.configuration, on: device),
      hooks: Hooks(points: [point(component)]) { _, matrix, rows in
        let values = try device.read(matrix.buffer, 0..<rows.extent * matrix.columns)
        result = (0..<rows.extent).map { row in
          columns(component).map { values[row * matrix.columns + $0] }
        }
      })
    return result
  }

  /// Greedy decoding with a component's outputs overwritten by hand, row by row.
  private func decode(_ prompt: [Int32], count: Int, _ component: Component, _ source: [[Float]]) throws
    -> [Int32]
  {
    let (device, width) = (model.device, model.configuration.vocabulary)
    var tokens = prompt
    for _ in 0..<count {
      let sequence = TokenSequence(tokens: tokens, targets: tokens.map { _ in 0 })
      let batch = try Batch([sequence], .all, for: model.configuration, on: device)
      try model.forward(
        batch,
        hooks: Hooks(points: [point(component)]) { _, matrix, rows in
          for row in 0..<rows.extent {
            let offset = matrix.offset + row * matrix.stride + columns(component).lowerBound
            try device.write(source[row], to: matrix.buffer, at: offset)
          }
        })
      let last = Array(try model.readLogits(batch).suffix(width))
      let best = try #require(last.max())
      tokens.append(Int32(try #require(last.firstIndex(of: best))))
    }
    return Array(tokens.dropFirst(prompt.count))
  }

  private func correct(_ sequences: [TokenSequence], _ component: Component, exchanges: Bool) throws -> [Bool]
  {
    let batch = try Batch(sequences, for: model.configuration, on: model.device)
    var cache = try ActivationCache(model, batch)
    if exchanges { cache = try cache.exchangingSequences(Self.order) }
    let intervention = Intervention(component, .patch(from: cache))
    try model.forward(batch, hooks: try Hooks.applying([intervention], means: nil, to: model))
    let correct = try model.readCorrect(batch)
    return batch.sequenceOutputRows[0].map { $0.allSatisfy { correct[$0] } }
  }

  @Test("from exchanged sequences is greedy decoding with their outputs written in by hand")
  func exchanged() throws {
    let samples = Examples.samples(Self.count, 3...3, seed: 122)
    let sequences = BatchLayout.evaluationBatch(samples)
    for component in Self.components {
      // The patch of a sample comes from another's own tokens; its own target is what it decodes under the
      // patch. As targets are tokens of the sequence, the givers are fixed first, then the targets.
      let outputs = try sequences.map { try self.outputs(component, $0) }
      var expected = [Bool](repeating: true, count: Self.count)
      for i in sequences.indices {
        let decoded = try decode(
          samples[i].prompt, count: samples[i].target.count, component, outputs[Self.order[i]])
        expected[i] = decoded == samples[i].target
        var answered = sequences
        answered[i] = TokenSequence(prompt: samples[i].prompt, target: decoded)
        // Only i's tokens changed, and i's giver is another.
        #expect(try correct(answered, component, exchanges: true)[i], "\(component.name), sample \(i)")
        var wrong = decoded
        wrong[1] = (wrong[1] + 1) % 104
        answered[i] = TokenSequence(prompt: samples[i].prompt, target: wrong)
        #expect(try !correct(answered, component, exchanges: true)[i], "\(component.name), sample \(i)")
      }
      #expect(try correct(sequences, component, exchanges: true) == expected)
    }
  }

  @Test(
    "gives every sequence the rows of its giver, in both row selections",
    arguments: [RowSelection.live, .all])
  func logits(selection: RowSelection) throws {
    let (sequences, device) = (Examples.sequences(Self.count, 4...4, seed: 123), model.device)
    let batch = try Batch(sequences, selection, for: model.configuration, on: device)
    let cache = try ActivationCache(model, batch).exchangingSequences(Self.order)
    for component in Self.components {
      let hooks = try Hooks.applying(
        [Intervention(component, .patch(from: cache))], means: nil, to: model)
      try model.forward(batch, hooks: hooks)
      let patched = try model.readLogits(batch)
      // By hand: read the clean outputs, write them back at their new places.
      var clean: [Float] = []
      let point = point(component)
      try model.forward(
        batch,
        hooks: Hooks(points: [point]) { _, matrix, rows in
          clean = try device.read(matrix.buffer, 0..<rows.extent * matrix.columns)
        })
      #expect(try model.readLogits(batch).bits != patched.bits, "\(component.name)")
      try model.forward(
        batch,
        hooks: Hooks(points: [point]) { _, matrix, rows in
          let isAll = rows.rowCount == batch.rows.rowCount
          let ranges = (isAll ? batch.sequenceRows : batch.sequenceOutputRows)[0]
          for (taker, giver) in Self.order.enumerated() {
            for (to, from) in zip(ranges[taker], ranges[giver]) {
              let source = columns(component).map { clean[from * matrix.columns + $0] }
              try device.write(
                source, to: matrix.buffer, at: to * matrix.stride + columns(component).lowerBound)
            }
          }
        })
      #expect(try model.readLogits(batch).bits == patched.bits, "\(component.name)")
    }
  }

  @Test("refuses sequences of other lengths, and an order that is none")
  func refused() throws {
    let sequences = Examples.sequences(2, 3...3, seed: 124) + Examples.sequences(1, 5...5, seed: 125)
    let batch = try Batch(sequences, for: model.configuration, on: model.device)
    let cache = try ActivationCache(model, batch)
    for order in [[0, 2, 1], [0, 1], [0, 1, 3], [-1, 0, 2]] {
      #expect(throws: ModelError.self) { try cache.exchangingSequences(order) }
    }
    _ = try cache.exchangingSequences([1, 0, 2])
  }
}
