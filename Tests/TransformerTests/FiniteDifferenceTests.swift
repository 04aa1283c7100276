import Compute
import RandomStreams
import ReferenceDevice
import Tasks
import TestModels
import TestSupport
import Testing

@testable import Transformer

@Suite struct FiniteDifferenceTests {
  @Test(
    "the gradient of the whole model equals the finite differences of its loss in every tensor",
    arguments: ModelConfiguration.Positions.allCases, [RowSelection.live, .distinct, .all])
  func slopes(positions: ModelConfiguration.Positions, selection: RowSelection) throws {
    let configuration = ModelConfiguration(
      layers: 2, heads: 3, dModel: positions == .rotary ? 18 : 21, dMLP: 29, vocabulary: 23, context: 13,
      positions: positions)
    let device = ReferenceDevice()
    let model = try Transformer(random: configuration, seed: 51, on: device)
    let batch = try Batch(
      randomSequences([7, 1, 11, 4], vocabulary: 23, seed: 52), selection, for: configuration, on: device)
    try model.computeGradients(batch)
    let gradients = try model.preciseGradients()
    let values = try model.parameters.readDoubles(0..<model.layout.count, on: device)
    var stream = CounterStream(seed: 53, purpose: .validation)
    let step = 1e-5
    for tensor in model.layout.namedTensors {
      let places = tensor.indices(in: values.count)
      var (slopes, analytic): ([Double], [Double]) = ([], [])
      for _ in 0..<3 {
        let place = places[stream.integer(in: 0..<places.count)]
        func loss(_ shift: Double) throws -> Double {
          try device.write([values[place] + shift], to: model.parameters.buffers[0], at: place)
          try model.forward(batch)
          return try model.preciseLoss()
        }
        slopes.append((try loss(step) - loss(-step)) / (2 * step))
        analytic.append(gradients[place])
        try device.write([values[place]], to: model.parameters.buffers[0], at: place)
      }
      // Rounding of the loss leaves about 1e-11 of the slope. Unless positions are rotary, the slope of the
      // key bias is zero.
      let difference = norm(zip(slopes, analytic).map { $0 - $1 })
      #expect(difference <= 1e-6 * norm(slopes) + 1e-9, "\(tensor.name): \(slopes), \(analytic)")
    }
    // Not all values are zero on both sides.
    #expect(norm(gradients) > 0.1)
  }
}
