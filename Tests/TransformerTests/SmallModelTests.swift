import Compute
import Foundation
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite("The small model agrees with PyTorch") struct SmallModelTests {
  private func model(_ backend: Backend) throws -> Transformer {
    let checkpoint = try Fixtures.small()
    return try Transformer(
      checkpoint.configuration, parameters: [checkpoint.parameters], on: backend.make())
  }

  private func batch(_ model: Transformer, _ selection: RowSelection) throws -> Batch {
    try Batch(Fixtures.smallSequences(), selection, for: model.configuration, on: model.device)
  }

  @Test("in logits, loss and every gradient", arguments: Backend.allCases)
  func gradients(backend: Backend) throws {
    let expected = try Fixtures.tensors("small_expected.safetensors")
    let model = try model(backend)
    let batch = try batch(model, .all)
    try model.computeGradients(batch)
    let logits = try expected.floats(named: "logits")
    #expect(relativeError(try model.readLogits(batch), logits) <= backend.bound)
    let loss = Double(try expected.floats(named: "loss")[0])
    #expect(abs(try model.preciseLoss() - loss) <= backend.lossBound * loss)
    let gradients = try model.gradients(ofModel: 0)
    let tensors = model.layout.namedTensors
    let whole = norm(
      try tensors.flatMap { try expected.floats(named: "grad.\($0.name)", shape: $0.shape) })
    for tensor in tensors {
      let reference = try expected.floats(named: "grad.\(tensor.name)", shape: tensor.shape)
      // These gradients are mathematically zero, so only their size relative to all others is meaningful.
      let isKeyBias = tensor.name.hasSuffix("b_K")
      let error = relativeError(
        tensor.extract(from: gradients), reference, scale: isKeyBias ? whole : nil)
      #expect(error <= backend.bound, "\(tensor.name)")
    }
  }

  @Test("in activations, under TransformerLens's names", arguments: Backend.allCases)
  func activations(backend: Backend) throws {
    let expected = try Fixtures.tensors("small_expected.safetensors")
    let model = try model(backend)
    let device = model.device
    var seen: [String: [Float]] = [:]
    let points = model.order.hooks.filter { expected.contains($0.name) }
    #expect(points.count == 12)
    try model.forward(
      batch(model, .all),
      hooks: Hooks(points: Set(points)) { point, matrix, rows in
        let values = try device.read(matrix.buffer, 0..<rows.extent * matrix.columns)
        #expect(seen.updateValue(values, forKey: point.name) == nil)
      })
    for point in points {
      let values = try #require(seen[point.name])
      #expect(relativeError(values, try expected.floats(named: point.name)) <= backend.bound, "\(point.name)")
    }
  }

  @Test("in ten steps of Adam", arguments: Backend.allCases)
  func training(backend: Backend) throws {
    struct Training: Decodable {
      var learningRate: Double
      var losses: [Double]
    }
    let expected: Training = try Fixtures.json("small_training.json")
    let model = try model(backend)
    let optimiser = try AdamOptimiser(model, learningRate: expected.learningRate)
    let batch = try batch(model, .live)
    for (step, loss) in expected.losses.enumerated() {
      try model.computeGradients(batch)
      #expect(abs(try model.preciseLoss() - loss) <= backend.lossBound * loss, "step \(step)")
      try optimiser.update(model)
    }
    #expect(optimiser.step == 10)
  }

  @Test(
    "and live rows give the same loss, gradients and target logits as all rows",
    arguments: Backend.allCases)
  func liveRows(backend: Backend) throws {
    let bound = backend == .reference ? 1e-12 : 1e-5
    let model = try model(backend)
    let (all, live) = (try batch(model, .all), try batch(model, .live))
    #expect(live.rows.rowCount < all.rows.rowCount)
    #expect(live.outputRows.rowCount < live.rows.rowCount)
    try model.computeGradients(all)
    let (loss, gradients) = (try model.preciseLoss(), try model.preciseGradients())
    let logits = try model.preciseLogits(all)
    try model.computeGradients(live)
    #expect(abs(try model.preciseLoss() - loss) <= bound * loss)
    let liveGradients = try model.preciseGradients()
    for tensor in model.layout.namedTensors {
      let isKeyBias = tensor.name.hasSuffix("b_K")
      let error = relativeError(
        tensor.precise(from: liveGradients), tensor.precise(from: gradients),
        scale: isKeyBias ? norm(gradients) : nil)
      #expect(error <= bound, "\(tensor.name)")
    }
    let width = model.configuration.vocabulary
    let targetRows = try Fixtures.smallSequences().flatMap(\.targets).enumerated().filter { $0.element >= 0 }
    let expected = targetRows.flatMap { logits[$0.offset * width..<($0.offset + 1) * width] }
    #expect(relativeError(try model.preciseLogits(live), expected) <= bound)
  }
}

extension NamedTensor {
  /// Like `extract`, but in double precision.
  func precise(from values: [Double]) -> [Double] { indices(in: values.count).map { values[$0] } }

  /// The places of the tensor's elements in flat parameters of `count` elements.
  func indices(in count: Int) -> [Int] {
    // Each element becomes two numbers below 2¹², which are exact in single precision.
    let (low, high) = ((0..<count).map { Float($0 & 4095) }, (0..<count).map { Float($0 >> 12) })
    return zip(extract(from: high), extract(from: low)).map { Int($0) << 12 | Int($1) }
  }
}
