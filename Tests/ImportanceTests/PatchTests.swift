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
  /// The sample that gives its activations to each sample.
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

  /// The outputs of a component in one forward over a single sequence: for each row, its columns.
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

  /// Greedy decoding with the outputs of a component overwritten by hand, row by row.
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

  /// Whether each sample is answered exactly under a patch from the sample that gives to it.
  private func correct(_ sequences: [TokenSequence], _ component: Component) throws -> [Bool] {
    let samples = ForkedForward.Samples(sequences, otherRuns: [Self.order.map { sequences[$0].tokens }])
    return try ForkedForward(model).scores(
      samples, [Intervention(patches: [Patch(.output(component), .run(1))])])[0].map(\.isExact)
  }

  @Test("from another sample equals greedy decoding with that sample's outputs written in")
  func exchanged() throws {
    let samples = Examples.samples(Self.count, 3...3, seed: 122)
    let sequences = BatchLayout.evaluationBatch(samples)
    for component in Self.components {
      // The patch of a sample comes from the tokens of another sample, and its own target is its decoding
      // under the patch. Targets are tokens of the sequence, so the givers are fixed before the targets.
      let outputs = try sequences.map { try self.outputs(component, $0) }
      var expected = [Bool](repeating: true, count: Self.count)
      for i in sequences.indices {
        let decoded = try decode(
          samples[i].prompt, count: samples[i].target.count, component, outputs[Self.order[i]])
        expected[i] = decoded == samples[i].target
        var answered = sequences
        answered[i] = TokenSequence(prompt: samples[i].prompt, target: decoded)
        // Only the tokens of sample i changed, and its giver is another sample.
        #expect(try correct(answered, component)[i], "\(component.name), sample \(i)")
        var wrong = decoded
        wrong[1] = (wrong[1] + 1) % 104
        answered[i] = TokenSequence(prompt: samples[i].prompt, target: wrong)
        #expect(try !correct(answered, component)[i], "\(component.name), sample \(i)")
      }
      #expect(try correct(sequences, component) == expected)
    }
  }
}
