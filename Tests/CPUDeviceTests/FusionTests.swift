import CPUDevice
import Compute
import Testing

/// Sizes of a matmul, and the kernels that run it.
struct FusedShape: Sendable {
  var variant: CPUVariant
  var rows: Int
  var depth: Int
  var width: Int

  static let all = CPUVariant.supported.flatMap { variant in
    [(1, 1, 1), (7, 93, 40), (131, 5, 33), (13, 64, 16), (300, 31, 97)].map {
      FusedShape(variant: variant, rows: $0.0, depth: $0.1, width: $0.2)
    }
  }
}

@Suite struct FusionTests {
  @Test("a residual added by the matmul gives the bits of one added after it", arguments: FusedShape.all)
  func residual(shape: FusedShape) throws {
    let lab = try Lab(shape.variant, seed: 31)
    let count = shape.rows * shape.width
    let residual = Matrix(try lab.random(count), columns: shape.width)
    let (fused, split) = (
      Matrix(try lab.poison(count), columns: shape.width), Matrix(try lab.poison(count), columns: shape.width)
    )
    var operation = Matmul(
      input: Matrix(try lab.random(shape.rows * shape.depth), columns: shape.depth),
      weight: Parameter(
        try lab.random(shape.depth * shape.width), rows: shape.depth, columns: shape.width),
      bias: Parameter(try lab.random(shape.width), rows: 1, columns: shape.width), residual: residual,
      output: fused, rows: try RowGroups(rows: shape.rows))
    try lab.device.matmul(operation)
    operation.residual = nil
    operation.output = split
    try lab.device.matmul(operation)
    let unadded = try lab.device.read(split.buffer)
    try lab.device.add(Add(left: split, right: residual, output: split, count: shape.rows))
    let values = try lab.device.read(fused.buffer)
    #expect(!values.contains { $0.isNaN })
    #expect(values.bits == (try lab.device.read(split.buffer)).bits)
    #expect(values.bits != unadded.bits)
  }
}
