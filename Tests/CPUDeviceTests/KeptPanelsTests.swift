import CPUDevice
import Compute
import TestDevices
import TestSupport
import Testing

/// A way to change a buffer's values.
enum Writer: String, CaseIterable, Sendable {
  case write, copy, adam, product, weightGradient, replacedRows
}

/// Weights are packed once until they are written again. A product must not use outdated ones.
@Suite struct KeptPanelsTests {
  private let rows = 9
  private let depth = 40
  private let width = 37

  @Test("a product uses the current weights, however they were written", arguments: Writer.allCases)
  func changedWeights(writer: Writer) throws {
    let lab = try CPULab(nil, seed: 5)
    let weights = try lab.random(depth * width)
    let input = try lab.random(rows * max(depth, width))
    var before: [[Float]] = []
    // Panels are kept from the second time on and used from the third.
    for _ in 0..<3 { before = try products(lab, weights, input) }
    try change(weights, by: writer, lab)
    let fresh = try lab.device.makeBuffer(try lab.device.read(weights))
    for _ in 0..<3 {
      let after = try products(lab, weights, input)
      #expect(after.map(\.bits) == (try products(lab, fresh, input)).map(\.bits))
      #expect(!zip(after, before).contains { $0.bits == $1.bits })
    }
  }

  @Test("the models of an ensemble, and columns of a weight, have separate panels")
  func views() throws {
    let lab = try CPULab(nil, seed: 6)
    let weights = try lab.random(2 * depth * width)
    let input = Matrix(try lab.random(rows * depth), columns: depth)
    func product(_ first: Int, _ columns: Int, model: Int, _ buffer: any Buffer) throws -> [Float] {
      let output = Matrix(try lab.poison(rows * columns), columns: columns)
      try lab.device.matmul(
        Matmul(
          input: input,
          weight: Parameter(
            buffer, rows: depth, columns: columns, offset: first, modelStride: depth * width, stride: width),
          output: output, rows: try RowGroups([RowGroup(model: model, firstRow: 0, count: rows)])))
      return try lab.device.read(output.buffer)
    }
    let places = [(0, 37, 0), (0, 37, 1), (0, 20, 0), (17, 20, 0), (17, 20, 1)]
    let values = try lab.device.read(weights)
    let expected = try places.map { first, columns, model in
      try product(first, columns, model: model, try lab.device.makeBuffer(values))
    }
    for _ in 0..<3 {
      for (place, expected) in zip(places, expected) {
        #expect(try product(place.0, place.1, model: place.2, weights).bits == expected.bits)
      }
    }
  }

  /// Which product: the forward or the input gradient.
  private func products(_ lab: CPULab, _ weights: any Buffer, _ input: any Buffer) throws -> [[Float]] {
    let weight = Parameter(weights, rows: depth, columns: width)
    let output = Matrix(try lab.poison(rows * width), columns: width)
    let gradient = Matrix(try lab.poison(rows * depth), columns: depth)
    let groups = try RowGroups(rows: rows)
    try lab.device.matmul(
      Matmul(input: Matrix(input, columns: depth), weight: weight, output: output, rows: groups))
    try lab.device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: Matrix(input, columns: width), weight: weight, inputGradient: gradient, rows: groups))
    return [try lab.device.read(output.buffer), try lab.device.read(gradient.buffer)]
  }

  private func change(_ weights: any Buffer, by writer: Writer, _ lab: CPULab) throws {
    let (device, count) = (lab.device, depth * width)
    let matrix = Matrix(weights, columns: width)
    switch writer {
    case .write: try device.write([Float](repeating: 0.5, count: width), to: weights, at: width)
    case .copy: try device.copy(from: try lab.random(count), 0..<width, to: weights, at: width)
    case .adam:
      try device.adam(
        Adam(
          parameters: weights, gradients: try lab.random(count),
          firstMoment: try device.makeBuffer(count: count),
          secondMoment: try device.makeBuffer(count: count), count: count, step: 1))
    case .product:
      try device.matmul(
        Matmul(
          input: Matrix(try lab.random(depth * 3), columns: 3),
          weight: Parameter(try lab.random(3 * width), rows: 3, columns: width), output: matrix,
          rows: try RowGroups(rows: depth)))
    case .weightGradient:
      try device.matmulWeightGradient(
        MatmulWeightGradient(
          input: Matrix(try lab.random(rows * depth), columns: depth),
          outputGradient: Matrix(try lab.random(rows * width), columns: width),
          weightGradient: Parameter(weights, rows: depth, columns: width), rows: try RowGroups(rows: rows)))
    case .replacedRows:
      try device.replaceRows(
        ReplaceRows(
          target: matrix, source: try lab.random(1),
          replacements: [Replacement(rows: 0..<2, columns: 0..<width, sourceOffset: nil)]))
    }
  }
}
