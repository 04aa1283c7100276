import CPUDevice
import Compute
import TestDevices
import TestSupport
import Testing

@Suite struct DeepProductTests {
  @Test(
    "however deep a product is, each sum is made in the order of its depth",
    arguments: FusedShape.of([(1, 769, 7), (14, 900, 40), (33, 1543, 65), (13, 3072, 32), (300, 1543, 300)]))
  func order(shape: FusedShape) throws {
    let lab = try CPULab(shape.variant, seed: 41)
    let (input, weight) = (
      try lab.random(shape.rows * shape.depth), try lab.random(shape.depth * shape.width)
    )
    func product() throws -> [Float] {
      let output = try lab.poison(shape.rows * shape.width)
      try lab.device.matmul(
        Matmul(
          input: Matrix(input, columns: shape.depth),
          weight: Parameter(weight, rows: shape.depth, columns: shape.width),
          output: Matrix(output, columns: shape.width), rows: try RowGroups(rows: shape.rows)))
      return try lab.device.read(output)
    }
    let (a, b) = (try lab.device.read(input), try lab.device.read(weight))
    // Some of the elements, because this loop is slow. The step has no factor in common with the width, so that they lie in
    // columns of every place in a panel.
    let count = shape.rows * shape.width
    let places = Array(stride(from: 0, to: count, by: count < 300 ? 1 : count < 10_000 ? 11 : 307))
    let expected = places.map { place in
      (0..<shape.depth).reduce(Float(0)) { sum, k in
        let (x, y) = (a[place / shape.width * shape.depth + k], b[k * shape.width + place % shape.width])
        return shape.fuses ? sum.addingProduct(x, y) : x * y + sum
      }
    }
    // Large weights are packed while they are multiplied by, and from the second time on beforehand.
    for _ in 0..<2 {
      let values = try product()
      #expect(places.map { values[$0].bitPattern } == expected.map(\.bitPattern))
    }
  }
}

extension FusedShape {
  /// Whether the kernels have an instruction that multiplies and adds with one rounding.
  fileprivate var fuses: Bool {
    #if arch(arm64)
      true
    #else
      variant != .baseline
    #endif
  }
}
