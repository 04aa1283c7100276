import Compute
import RandomStreams
import ReferenceDevice
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

/// Sequences with few different tokens, so that many begin alike.
private func sequences(seed: UInt64) -> [TokenSequence] {
  var stream = CounterStream(seed: seed, purpose: .validation)
  return (0..<23).map { _ in
    let prompt = (0..<stream.integer(in: 1..<5)).map { _ in Int32(stream.integer(in: 0..<3)) }
    let answer = (0..<stream.integer(in: 1..<6)).map { _ in Int32(stream.integer(in: 0..<3)) }
    return TokenSequence(
      tokens: [9] + prompt + answer + [7],
      targets: prompt.map { _ in TokenSequence.noLoss } + answer + [7, TokenSequence.noLoss])
  }
}

@Suite("Computing each distinct row once") struct DistinctRowsTests {
  private func configuration(_ positions: ModelConfiguration.Positions) -> ModelConfiguration {
    ModelConfiguration(
      layers: 3, heads: 3, dModel: positions == .rotary ? 30 : 33, dMLP: 50, vocabulary: 11, context: 12,
      positions: positions)
  }

  @Test(
    "changes no bit of logits and losses, and changes gradients only by rounding",
    arguments: Backend.allCases, ModelConfiguration.Positions.allCases)
  func sharing(backend: Backend, positions: ModelConfiguration.Positions) throws {
    let device = try backend.make()
    let model = try Transformer(random: configuration(positions), seed: 61, on: device)
    let sequences = sequences(seed: 62)
    let live = try Batch(sequences, .live, for: model.configuration, on: device)
    let distinct = try Batch(sequences, .distinct, for: model.configuration, on: device)
    #expect(distinct.rows.rowCount < live.rows.rowCount * 9 / 10)
    // Live rows end at the last target, so the last token is never an input.
    let inputs = sequences.flatMap { sequence in
      sequence.tokens.dropLast().enumerated().map {
        [positions == .learned ? $0.offset : 0, Int($0.element)]
      }
    }
    #expect(distinct.packed.inputs.rowCount == Set(inputs).count)
    for request in [GradientRequest.all, .scores] {
      try model.computeGradients(live, request)
      let (logits, gradients) = (try model.preciseLogits(live), try model.preciseGradients())
      let losses = try model.readLosses(slots: 0..<1)
      try model.computeGradients(distinct, request)
      #expect(try model.preciseLogits(distinct) == logits)
      #expect(try model.readLosses(slots: 0..<1) == losses)
      let bound = backend == .reference ? 1e-13 : 2e-6
      let error = relativeError(try model.preciseGradients(), gradients)
      #expect(!(error > bound), "\(error)")
      #expect(norm(gradients) > 0.1)
    }
  }

  @Test("shares no rows between lanes, except the inputs of their model")
  func lanes() throws {
    let device = ReferenceDevice()
    let model = try Transformer(random: configuration(.none), seed: 63, on: device)
    let sequences = sequences(seed: 64)
    let lanes = [Lane(sequences: sequences), Lane(sequences: Array(sequences.reversed()))]
    func logits(_ selection: RowSelection) throws -> [Double] {
      let batch = try Batch(lanes, selection, for: model.configuration, on: device)
      let hooks = Hooks(points: [.z(0)]) { _, matrix, rows in
        let group = rows.groups[1]
        let replacement = Replacement(
          rows: group.firstRow..<group.firstRow + group.count, columns: 0..<11, sourceOffset: nil)
        try device.replaceRows(
          ReplaceRows(target: matrix, source: try device.makeBuffer(count: 1), replacements: [replacement]))
      }
      try model.forward(batch, hooks: hooks)
      return try model.preciseLogits(batch)
    }
    let expected = try logits(.live)
    #expect(try logits(.distinct) == expected)
    let half = expected.count / 2
    #expect(expected[..<half] != expected[half...])
  }

  @Test("equals computing live rows in a model of one block")
  func oneBlock() throws {
    let device = ReferenceDevice()
    let one = ModelConfiguration(layers: 1, heads: 1, dModel: 8, dMLP: 8, vocabulary: 11)
    let batch = try Batch(sequences(seed: 65), .distinct, for: one, on: device)
    #expect(batch.selection == .live && batch.packed.inputs === batch.rows)
  }
}
