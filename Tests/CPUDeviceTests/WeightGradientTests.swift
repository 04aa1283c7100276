import CPUDevice
import Compute
import TestDevices
import TestSupport
import Testing

/// Weight gradients pack the panels of an output gradient with the first product, or beforehand.
@Suite struct WeightGradientTests {
  private static let groups = [
    RowGroup(model: 0, firstRow: 0, count: 600), RowGroup(model: 2, firstRow: 600, count: 77),
  ]
  private static let rowCount = 677

  @Test(
    "the gradient of a weight does not depend on how far apart the rows of its input are",
    arguments: [(5, 33), (13, 70), (101, 32), (211, 129)], CPUVariant.supported)
  func strides(shape: (Int, Int), variant: CPUVariant) throws {
    let (depth, columns) = shape
    let expected = try gradients(depth, columns, stride: depth, threads: 1, variant)
    #expect(expected.allSatisfy { !$0.isEmpty })
    for stride in [depth, 768, 769] {
      for threads in [1, 2, 7] {
        let found = try gradients(depth, columns, stride: stride, threads: threads, variant)
        #expect(found == expected, "stride \(stride), \(threads) threads")
      }
    }
  }

  /// The bits of the gradients of weight and bias for models 0 and 2.
  private func gradients(
    _ depth: Int, _ columns: Int, stride: Int, threads: Int, _ variant: CPUVariant
  ) throws -> [[UInt32]] {
    let lab = try CPULab(variant, threads: threads, seed: 47)
    let numbers = lab.numbers(Self.rowCount * depth)
    var padded = [Float](repeating: .nan, count: Self.rowCount * stride)
    for row in 0..<Self.rowCount {
      for column in 0..<depth { padded[row * stride + column] = numbers[row * depth + column] }
    }
    let outputGradient = Matrix(try lab.random(Self.rowCount * columns), columns: columns)
    let weight = Parameter(
      try lab.poison(3 * depth * columns), rows: depth, columns: columns, modelStride: depth * columns)
    let bias = Parameter(try lab.poison(3 * columns), rows: 1, columns: columns, modelStride: columns)
    try lab.device.matmulWeightGradient(
      MatmulWeightGradient(
        input: Matrix(try lab.device.makeBuffer(padded), columns: depth, stride: stride),
        outputGradient: outputGradient, weightGradient: weight, biasGradient: bias,
        rows: RowGroups(Self.groups)))
    return try [weight, bias].flatMap { parameter in
      let all = try lab.device.read(parameter.buffer)
      let size = parameter.modelStride
      #expect(all[size..<2 * size].allSatisfy { $0.isNaN })
      return [0, 2].map { model in
        let values = all[model * size..<(model + 1) * size]
        #expect(values.allSatisfy { !$0.isNaN })
        return values.map(\.bitPattern)
      }
    }
  }
}
