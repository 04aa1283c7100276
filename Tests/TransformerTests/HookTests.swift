import CPUDevice
import Compute
import Tasks
import TestModels
import TestSupport
import Testing
import Transformer

@Suite("Hooks") struct HookTests {
  private let configuration = ModelConfiguration(layers: 3, heads: 2, dModel: 38, dMLP: 45, vocabulary: 27)
  private let model: Transformer
  private var device: any Device { model.device }

  init() throws {
    model = try Transformer(
      configuration, parameters: [ParameterLayout(configuration).randomParameters(seed: 95)],
      on: CPUDevice(threads: 2))
  }

  private func batch(_ selection: RowSelection) throws -> Batch {
    try Batch(
      randomSequences([9, 3, 14, 6], vocabulary: 27, seed: 96), selection, for: configuration, on: device)
  }

  private static let selections = [RowSelection.live, .all]

  @Test("that only read change no bit, and see every point once in order", arguments: selections)
  func looking(selection: RowSelection) throws {
    let batch = try batch(selection)
    try model.forward(batch)
    let expected = try model.readLogits(batch)
    var seen: [HookPoint] = []
    let all = ForwardOrder(ModelConfiguration(layers: 3).blocks).hooks
    try model.forward(
      batch,
      hooks: Hooks(points: Set(all)) { point, matrix, rows in
        seen.append(point)
        let end = matrix.offset + (rows.extent - 1) * matrix.stride + matrix.columns
        let values: [Float] = try device.read(matrix.buffer, matrix.offset..<end)
        #expect(!values.contains { !$0.isFinite })
      })
    #expect(seen == all)
    #expect(try model.readLogits(batch).bits == expected.bits)
  }

  @Test("see the values of a whole forward if it ends early, and no later points", arguments: selections)
  func ending(selection: RowSelection) throws {
    let batch = try batch(selection)
    let all = ForwardOrder(ModelConfiguration(layers: 3).blocks).hooks
    func values(through end: HookPoint?) throws -> [(point: HookPoint, bits: [UInt32])] {
      var seen: [(point: HookPoint, bits: [UInt32])] = []
      let hooks = Hooks(points: Set(all)) { point, matrix, _ in
        #expect(matrix.columns == point.width(of: configuration))
        let values: [Float] = try device.read(matrix.buffer, matrix.offset..<matrix.offset + matrix.columns)
        seen.append((point, values.map(\.bitPattern)))
      }
      try model.forward(batch, hooks: hooks, through: end)
      return seen
    }
    let whole = try values(through: nil)
    for (index, end) in all.enumerated() {
      let seen = try values(through: end)
      #expect(seen.map(\.point) == Array(all.prefix(seen.count)))
      #expect(seen.map(\.bits) == whole.prefix(seen.count).map(\.bits))
      // A step has at most five points.
      #expect(seen.count > index && seen.count <= index + 5, "\(end.name)")
    }
  }

  @Test("see the same values in a forward and in a kept one", arguments: selections)
  func kept(selection: RowSelection) throws {
    let batch = try batch(selection)
    func seen(_ run: (Hooks) throws -> Void) throws -> [HookPoint: [Float]] {
      var seen: [HookPoint: [Float]] = [:]
      try run(
        Hooks(points: Set(ForwardOrder(ModelConfiguration(layers: 3).blocks).hooks)) { point, matrix, rows in
          seen[point] = try (0..<rows.extent).flatMap { row in
            let first = matrix.offset + row * matrix.stride
            return try device.read(matrix.buffer, first..<first + matrix.columns) as [Float]
          }
        })
      return seen
    }
    let alone = try seen { try model.forward(batch, hooks: $0) }
    let kept = try seen { _ = try model.keptForward(batch, hooks: $0) }
    for point in ForwardOrder(ModelConfiguration(layers: 3).blocks).hooks {
      let values = try #require(alone[point])
      #expect(values.bits == kept[point]?.bits, "\(point.name)")
      #expect(values.contains { $0 != 0 }, "\(point.name)")
    }
  }

  @Test("do not leak into the next forward", arguments: selections)
  func leaking(selection: RowSelection) throws {
    let batch = try batch(selection)
    try model.computeGradients(batch)
    let (logits, gradients) = (try model.readLogits(batch), try model.gradients(ofModel: 0))
    for point in ForwardOrder(ModelConfiguration(layers: 3).blocks).hooks
    where point != .mlpPre(0) && point != .mlpPre(1) && point != .mlpPre(2) {
      try model.forward(batch, hooks: zeroing(point))
      #expect(try model.readLogits(batch).bits != logits.bits, "\(point.name)")
      try model.forward(batch)
      #expect(try model.readLogits(batch).bits == logits.bits, "\(point.name)")
    }
    try model.computeGradients(batch)
    #expect(try model.gradients(ofModel: 0).bits == gradients.bits)
  }

  /// A hook that writes zeros.
  private func zeroing(_ point: HookPoint) -> Hooks {
    Hooks(points: [point]) { [device] _, matrix, rows in
      try device.replaceRows(
        ReplaceRows(
          target: matrix, source: try device.makeBuffer(count: 1),
          replacements: [
            Replacement(rows: 0..<rows.extent, columns: 0..<matrix.columns, sourceOffset: nil)
          ]))
    }
  }

  @Test("have unique names, which are TransformerLens's")
  func names() {
    let names = ForwardOrder(ModelConfiguration(layers: 2).blocks).hooks.map(\.name)
    #expect(Set(names).count == 23 && names.count == 23)
    #expect(names.first == "blocks.0.hook_resid_pre" && names.last == "ln_final.hook_normalized")
    #expect(names.contains("blocks.1.attn.hook_z") && names.contains("blocks.1.hook_mlp_out"))
  }
}
