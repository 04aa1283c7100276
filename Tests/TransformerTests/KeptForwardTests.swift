import CPUDevice
import Compute
import Tasks
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("A kept forward") struct KeptForwardTests {
  private let configuration = ModelConfiguration(layers: 3, heads: 2, dModel: 38, dMLP: 45, vocabulary: 27)
  private let model: Transformer
  private var device: any Device { model.device }

  init() throws {
    model = try Transformer(random: configuration, seed: 181, on: CPUDevice(threads: 2))
  }

  private func batch(_ selection: RowSelection = .live) throws -> Batch {
    try Batch(
      randomSequences([9, 3, 14, 6], vocabulary: 27, seed: 182), selection, for: configuration, on: device)
  }

  @Test("allows any number of backwards, with the same bits each time", arguments: [RowSelection.live, .all])
  func again(selection: RowSelection) throws {
    let batch = try batch(selection)
    try model.computeGradients(batch)
    let expected = try model.gradients(ofModel: 0)
    let forward = try model.keptForward(batch)
    try model.backward(forward, .none)
    try model.backward(forward, .scores)
    try model.backward(forward, .all)
    #expect(try model.gradients(ofModel: 0).bits == expected.bits)
  }

  @Test("differentiates a given function in place of the loss")
  func logitsGradient() throws {
    let batch = try batch()
    let forward = try model.keptForward(batch)
    try model.backward(forward, .all)
    let expected = try model.gradients(ofModel: 0)
    let loss = try #require(model.gradientActivations).logits
    let count = batch.outputRows.extent * 27
    let twice = try device.read(loss.buffer, 0..<count).map { 2 * $0 }
    try model.backward(
      forward, .all, logitsGradient: Matrix(try device.makeBuffer(twice), columns: 27))
    #expect(try model.gradients(ofModel: 0).bits == expected.map { 2 * $0 }.bits)
  }

  @Test("without parameter gradients keeps earlier ones, and shows hooks the same gradients")
  func none() throws {
    let batch = try batch()
    func seen(_ request: GradientRequest) throws -> [HookPoint: Bits] {
      var seen: [HookPoint: Bits] = [:]
      let points = Set((0..<3).flatMap { [HookPoint.z($0), .mlpOut($0), .attentionOut($0)] })
      let forward = try model.keptForward(batch)
      try model.backward(
        forward, request,
        gradientHooks: Hooks(points: points) { point, matrix, rows in
          seen[point] = try device.read(matrix.buffer, 0..<rows.extent * matrix.columns).bits
        })
      return seen
    }
    let expected = try seen(.all)
    #expect(expected.count == 9)
    let gradients = try model.gradients(ofModel: 0)
    #expect(try seen(.none) == expected)
    #expect(try model.gradients(ofModel: 0).bits == gradients.bits)
  }

  @Test(
    "that starts at a later block equals the whole one, given that block's input", arguments: [1, 2],
    [RowSelection.live, .all])
  func suffix(first: Int, selection: RowSelection) throws {
    let batch = try batch(selection)
    var residual: [Float] = []
    let point = HookPoint.residPre(first)
    func zGradient(_ forward: KeptForward) throws -> Bits {
      var bits = [Float]().bits
      try model.backward(
        forward, .none,
        gradientHooks: Hooks(points: [.z(first)]) { _, matrix, rows in
          bits = try device.read(matrix.buffer, 0..<rows.extent * matrix.columns).bits
        })
      return bits
    }
    let whole = try model.keptForward(
      batch,
      hooks: Hooks(points: [point]) { _, matrix, rows in
        residual = try device.read(matrix.buffer, 0..<rows.extent * matrix.columns)
      })
    let (logits, gradient) = (try model.readLogits(batch), try zGradient(whole))
    // Another batch runs in between, so that nothing of the first remains.
    try model.forward(
      try Batch(randomSequences([40], vocabulary: 27, seed: 183), for: configuration, on: device))
    let part = try model.keptForward(
      batch, from: .block(first),
      hooks: Hooks(points: [point]) { _, matrix, _ in
        try device.write(residual, to: matrix.buffer, at: matrix.offset)
      })
    #expect(try model.readLogits(batch).bits == logits.bits)
    #expect(try zGradient(part) == gradient)
    #expect(try model.readPreciseLogits(batch).map(Float.init).bits == logits.bits)
  }

  @Test("is invalid after another batch has run")
  func spent() throws {
    let batch = try batch()
    let forward = try model.keptForward(batch)
    try model.forward(batch)
    #expect(throws: ModelError.self) { try model.backward(forward, .none) }
  }

  @Test("shows both factors of every weight that a score reads")
  func factors() throws {
    let batch = try batch()
    var weights: [GradientFactors.Weight] = []
    try model.computeGradients(batch)
    let expected = try model.gradients(ofModel: 0)
    let forward = try model.keptForward(batch)
    try model.backward(forward, .none) { factors in
      weights.append(factors.weight)
      let (rows, columns) = (factors.input.columns, factors.outputGradient.columns)
      let product = try device.makeBuffer(count: rows * columns)
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: factors.input, outputGradient: factors.outputGradient,
          weightGradient: Parameter(product, rows: rows, columns: columns), rows: factors.rows))
      let values = try device.read(product)
      for row in 0..<rows {
        let own =
          switch factors.weight {
          case .mlpOut(let layer): model.layout.blocks[layer].mlp.output.weight.offset + row * columns
          case .value(let layer):
            model.layout.blocks[layer].attention.queryKeyValue.weight.offset + row * 3 * columns
              + 2 * columns
          }
        let error = relativeError(
          Array(values[row * columns..<(row + 1) * columns]), Array(expected[own..<own + columns]))
        #expect(error <= 1e-5)
      }
    }
    #expect(weights == [.mlpOut(2), .value(2), .mlpOut(1), .value(1), .mlpOut(0), .value(0)])
  }
}
