import CPUDevice
import Compute
import Importance
import ReferenceDevice
import Tasks
import TestDevices
import TestModels
import TestSupport
import Testing
import Transformer

@Suite struct ComponentMeansTests {
  @Test("are the mean over rows of each batch, then over batches", arguments: Backend.allCases)
  func naive(backend: Backend) throws {
    let device = try backend.make()
    let model = try Examples.randomModel(seed: 131, on: device)
    // Batches of different sizes, so that a mean of batch means differs from the mean of all rows.
    let batches = [
      Examples.sequences(2, 6...6, seed: 132), Examples.sequences(13, 1...4, seed: 133),
      Examples.sequences(1, 2...2, seed: 134),
    ]
    let means = try ComponentMeans(model, batches: batches)
    let (layers, width) = (model.configuration.layers, model.configuration.dModel)
    var z = [[Double]](repeating: [Double](repeating: 0, count: width), count: layers)
    var mlp = z
    for sequences in batches {
      let points = Set((0..<layers).flatMap { [HookPoint.z($0), .mlpOut($0)] })
      let batch = try Batch(sequences, .all, for: model.configuration, on: device)
      #expect(batch.rows.rowCount == sequences.reduce(0) { $0 + $1.tokens.count })
      try model.forward(
        batch,
        hooks: Hooks(points: points) { point, matrix, rows in
          let values = try device.readDoubles(matrix.buffer, 0..<rows.extent * width)
          for (i, value) in values.enumerated() {
            let share = value / Double(rows.extent) / Double(batches.count)
            switch point {
            case .z(let layer): z[layer][i % width] += share
            case .mlpOut(let layer): mlp[layer][i % width] += share
            default: Issue.record("\(point) was not asked for")
            }
          }
        })
    }
    let bound = backend == .reference ? 1e-12 : 1e-5
    for layer in 0..<layers {
      #expect(relativeError(means.z[layer], z[layer]) <= bound)
      #expect(relativeError(means.mlp[layer], mlp[layer]) <= bound)
    }
  }
}

@Suite struct GradientNormsTests {
  private let batches = [
    Examples.sequences(3, 5...5, seed: 141), Examples.sequences(8, 2...4, seed: 142),
  ]

  /// The elements of a tensor that belong to the part, by TransformerLens's names.
  private func values(_ part: GradientNorms.Part, _ gradients: [Float], _ layout: ParameterLayout) throws
    -> [Float]
  {
    func tensor(_ name: String) throws -> (values: [Float], shape: [Int]) {
      let tensor = try #require(layout.namedTensors.first { $0.name == name })
      return (tensor.extract(from: gradients), tensor.shape)
    }
    switch part {
    case .component(.head(let layer, let head)):
      let (values, shape) = try tensor("blocks.\(layer).attn.W_V")
      let size = shape[1] * shape[2]
      return Array(values[head * size..<(head + 1) * size])
    case .component(.mlp(let layer)): return try tensor("blocks.\(layer).mlp.W_out").values
    case .valueProjection(let layer): return try tensor("blocks.\(layer).attn.W_V").values
    }
  }

  private func parts(_ configuration: ModelConfiguration) -> [GradientNorms.Part] {
    Component.all(of: configuration).map { .component($0) }
      + (0..<configuration.layers).map { .valueProjection(layer: $0) }
  }

  @Test("equal the mean norms of the parts of the full gradient", arguments: Backend.allCases)
  func norms(backend: Backend) throws {
    let device = try backend.make()
    let model = try Examples.randomModel(seed: 143, on: device)
    let parts = parts(model.configuration)
    let norms = try GradientNorms(model, parts, batches: batches)
    var expected = [Double](repeating: 0, count: parts.count)
    for sequences in batches {
      try model.computeGradients(try Batch(sequences, for: model.configuration, on: device))
      let gradients = try model.gradients(ofModel: 0)
      for (i, part) in parts.enumerated() {
        let squares = try values(part, gradients, model.layout).reduce(0.0) { $0 + Double($1) * Double($1) }
        expected[i] += squares.squareRoot() / Double(batches.count)
      }
    }
    for i in parts.indices {
      #expect(abs(norms.means[i] - expected[i]) <= 2e-6 * expected[i], "\(parts[i])")
      #expect(expected[i] > 0)
    }
    #expect(Set(norms.means).count == parts.count)
  }

  @Test("of several batches equal the mean over single batches, digit for digit", arguments: Backend.allCases)
  func batchwise(backend: Backend) throws {
    let model = try Examples.randomModel(seed: 146, on: backend.make())
    let parts = parts(model.configuration)
    let all = try GradientNorms(model, parts, batches: batches + [batches[0]]).means
    let each = try (batches + [batches[0]]).map { try GradientNorms(model, parts, batches: [$0]).means }
    #expect(all == parts.indices.map { i in each.reduce(0) { $0 + $1[i] } / 3 })
    #expect(each[0] != each[1])
  }

  @Test("use the same gradient bits whether all gradients or only those of scores are computed")
  func requests() throws {
    let device = try CPUDevice(threads: 2)
    let parameters = ParameterLayout(Examples.configuration).randomParameters(seed: 144, attentionScale: 3)
    var results: [[[Double]]] = []
    let layout = ParameterLayout(Examples.configuration)
    for request in [GradientRequest.all, .scores] {
      // A separate model, whose gradients begin as zeros.
      let model = try Transformer(Examples.configuration, parameters: [parameters], on: device)
      let batch = try Batch(batches[1], for: Examples.configuration, on: device)
      try model.computeGradients(batch, request)
      let found = try model.lastGradients()
      results.append(
        try layout.blocks.flatMap { [$0.attention.queryKeyValue.weight, $0.mlp.output.weight] }.map {
          try found.readDoubles($0.range, on: device)
        })
      // A store of some gradients is no store of all.
      if request == .scores {
        #expect(throws: ModelError.self) { try model.gradients(ofModel: 0) }
        #expect(throws: ModelError.self) { try AdamOptimiser(model).update(model) }
        try model.computeGradients(batch)
        #expect(try model.gradients(ofModel: 0).count == layout.count)
      }
    }
    // Of queries and keys no gradient was computed.
    for (place, (all, scores)) in zip(results[0], results[1]).enumerated() {
      let columns = Examples.configuration.dModel
      let isAttention = place.isMultiple(of: 2)
      let wanted = all.indices.filter { !isAttention || $0 % (3 * columns) >= 2 * columns }
      #expect(wanted.map { all[$0] } == wanted.map { scores[$0] })
      #expect(wanted.contains { all[$0] != 0 })
      if isAttention { #expect(all != scores) }
    }
  }

  @Test("need no memory for other gradients, and give it back")
  func memory() throws {
    let device = MemoryCountingDevice(try CPUDevice(threads: 2))
    let model = try Examples.randomModel(seed: 147, on: device)
    let parameters = device.bytes
    let batch = try Batch(batches[0], for: model.configuration, on: device)
    try model.computeGradients(batch, .scores)
    let some = device.bytes
    let means = try GradientNorms(model, parts(model.configuration), batches: batches).means
    try model.computeGradients(batch)
    #expect(device.bytes > some)
    model.releaseBuffers()
    #expect(device.bytes < some && device.bytes < 2 * parameters)
    #expect(try GradientNorms(model, parts(model.configuration), batches: batches).means == means)
  }

  @Test("without parts are empty, and without batches are zero")
  func empty() throws {
    let model = try Examples.randomModel(seed: 145, on: CPUDevice(threads: 1))
    #expect(try GradientNorms(model, [], batches: batches).means.isEmpty)
    #expect(try GradientNorms(model, [.component(.mlp(layer: 0))], batches: []).means == [0])
  }
}
