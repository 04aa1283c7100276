import CPUDevice
import Compute
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("Rotary positions") struct RotaryTests {
  private static func model(_ device: any Device) throws -> Transformer {
    let checkpoint = try Checkpoint(contentsOf: Fixtures.url("rotary.safetensors"))
    #expect(checkpoint.configuration.positions == .rotary && checkpoint.configuration.context == 7)
    return try Transformer(checkpoint.configuration, parameters: [checkpoint.parameters], on: device)
  }

  @Test("have angles accurate to one unit in the last place, also at positions in the thousands")
  func angles() {
    // (d_head, position, pair, cosine, sine), computed to forty digits by mpmath and rounded.
    let expected: [(Int, Int, Int, Double, Double)] = [
      (32, 1, 0, 0.54030230586813972, 0.84147098480789651),
      (32, 4095, 0, -0.065975996558064896, -0.9978212103769744),
      (32, 4095, 3, 0.7996541993966878, -0.60046079088250406),
      (32, 2047, 15, 0.9344753319384251, 0.35602788373745422),
      (6, 3000, 1, 0.5254194983251433, 0.85084331740911895),
      (6, 5, 2, 0.99994198070062837, 0.010771965118034829),
    ]
    for (width, position, pair, cosine, sine) in expected {
      let values = RotaryTable.values(positions: position + 1, RotarySpec(columns: width, base: 10_000))
      let first = position * width + pair
      #expect(!(abs(Double(values[first]) - cosine) > 6e-8), "position \(position), pair \(pair)")
      #expect(!(abs(Double(values[first + width / 2]) - sine) > 6e-8), "position \(position), pair \(pair)")
    }
  }

  @Test("give PyTorch's logits, loss, gradients, queries, keys and z", arguments: Backend.allCases)
  func oracle(backend: Backend) throws {
    let expected = try Fixtures.tensors("rotary_expected.safetensors")
    let model = try Self.model(backend.make())
    let batch = try Batch(
      Fixtures.sequences("rotary_batch.safetensors"), .all, for: model.configuration, on: model.device)
    let points = ForwardOrder(ModelConfiguration(layers: 2).blocks).hooks.filter {
      expected.contains($0.name)
    }
    #expect(points.count == 6)
    try model.computeGradients(
      batch,
      hooks: Hooks(points: Set(points)) { point, matrix, rows in
        let packed = Matrix(
          try model.device.makeBuffer(count: rows.extent * matrix.columns), columns: matrix.columns)
        let order = try model.device.makeBuffer((0..<Int32(rows.extent)).map { $0 })
        try model.device.gatherRows(
          GatherRows(input: matrix, indices: order, output: packed, count: rows.extent))
        let error = relativeError(
          try model.device.read(packed.buffer), try expected.floats(named: point.name))
        #expect(!(error > backend.bound), "\(point.name): \(error)")
      })
    let logits = try expected.floats(named: "logits")
    #expect(relativeError(try model.readLogits(batch), logits) <= backend.bound)
    let loss = Double(try expected.floats(named: "loss")[0])
    #expect(abs(try model.preciseLoss() - loss) <= backend.lossBound * loss)
    let gradients = try model.gradients(ofModel: 0)
    for tensor in model.layout.namedTensors {
      let reference = try expected.floats(named: "grad.\(tensor.name)", shape: tensor.shape)
      let error = relativeError(tensor.extract(from: gradients), reference)
      #expect(!(error > backend.bound), "\(tensor.name): \(error)")
    }
  }

  @Test("make scores depend only on the distance of query and key, also at far positions")
  func distance() throws {
    let (heads, width, device) = (3, 6, try CPUDevice(threads: 1))
    func scores(_ start: Int32) throws -> [Float] {
      let table = try RotaryTable(positions: 4096, RotarySpec(columns: width, base: 10_000), on: device)
      let rows = Matrix(
        try device.makeBuffer((0..<2 * heads * width).map { Float($0 % 11) - 5 }), columns: heads * width)
      try device.rotary(
        Rotary(
          target: rows, heads: heads, positions: device.makeBuffer([start + 13, start]), table: table.matrix,
          count: 2))
      let values = try device.read(rows.buffer)
      return (0..<heads).map { head in
        (head * width..<(head + 1) * width).reduce(0) { $0 + values[$1] * values[heads * width + $1] }
      }
    }
    let near = try scores(0)
    for start in [1, 500, 4000] as [Int32] {
      let error = relativeError(try scores(start), near)
      #expect(!(error > 1e-5), "\(start): \(error)")
    }
  }

  @Test("are refused for a batch that was made without them")
  func otherBatches() throws {
    let model = try Self.model(CPUDevice(threads: 1))
    var other = model.configuration
    other.positions = .none
    let sequences = randomSequences([5, 3], vocabulary: other.vocabulary, seed: 97)
    let batch = try Batch(sequences, for: other, on: model.device)
    #expect(throws: ModelError.self) { try model.forward(batch) }
  }
}
