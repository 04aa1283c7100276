import CPUDevice
import Compute
import TestDevices
import TestSupport
import Testing

/// Large weights are packed by the tasks that multiply by them, if there are enough tasks and the panels are not kept; else beforehand.
@Suite struct StreamedProductTests {
  /// Those of the weights.
  struct Shape: Sendable {
    var rows: Int
    var columns: Int
  }

  /// Two of three models have rows, one of them more than a task takes.
  private static let groups = [
    RowGroup(model: 0, firstRow: 0, count: 1100), RowGroup(model: 2, firstRow: 1100, count: 131),
  ]
  private static let rowCount = 1231

  @Test(
    "the products of large weights do not depend on where they are packed",
    arguments: [(1543, 300), (300, 1543), (769, 225)].map { Shape(rows: $0, columns: $1) })
  func places(shape: Shape) throws {
    let expected = try products(shape, threads: 1)
    #expect(expected[0].allSatisfy { !$0.contains(where: \.isNaN) })
    // With many threads there are too few tasks.
    for threads in [1, 2, 3, 40] {
      for found in try products(shape, threads: threads) {
        #expect(found.map(\.bits) == expected[0].map(\.bits), "\(threads) threads")
      }
    }
  }

  /// The results of a forward with a GELU, one with a residual, and an input gradient with a GELU′, three times: panels are kept from the
  /// second time on.
  private func products(_ shape: Shape, threads: Int) throws -> [[[Float]]] {
    let lab = try CPULab(nil, threads: threads, seed: 43)
    let size = shape.rows * shape.columns
    let numbers = lab.numbers(3 * size)
    let weights = try (0..<2).map { _ in
      Parameter(
        try lab.device.makeBuffer(numbers), rows: shape.rows, columns: shape.columns, modelStride: size)
    }
    let bias = Parameter(
      try lab.random(3 * shape.columns), rows: 1, columns: shape.columns, modelStride: shape.columns)
    let input = Matrix(try lab.random(Self.rowCount * shape.rows), columns: shape.rows)
    let other = Matrix(try lab.random(Self.rowCount * shape.columns), columns: shape.columns)
    let groups = try RowGroups(Self.groups)
    func poisoned(_ columns: Int) throws -> Matrix {
      Matrix(try lab.poison(Self.rowCount * columns), columns: columns)
    }
    return try (0..<3).map { _ in
      let (values, pre) = (try poisoned(shape.columns), try poisoned(shape.columns))
      let (sums, gradient) = (try poisoned(shape.columns), try poisoned(shape.rows))
      try lab.device.matmul(
        Matmul(
          input: input, weight: weights[0], bias: bias, activation: .gelu, preActivation: pre,
          output: values, rows: groups))
      try lab.device.matmul(
        Matmul(input: input, weight: weights[1], residual: other, output: sums, rows: groups))
      try lab.device.matmulInputGradient(
        MatmulInputGradient(
          outputGradient: other, weight: weights[0], preActivation: input, inputGradient: gradient,
          rows: groups))
      return try [values, pre, sums, gradient].map { try lab.device.read($0.buffer) }
    }
  }
}
