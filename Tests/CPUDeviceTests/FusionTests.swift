import CPUDevice
import Compute
import TestDevices
import TestSupport
import Testing

/// Sizes of a matmul, and the kernels that run it.
struct FusedShape: Sendable {
  var variant: CPUVariant
  var rows: Int
  var depth: Int
  var width: Int

  static let all = of([(1, 1, 1), (7, 93, 40), (131, 5, 33), (13, 64, 16), (300, 31, 97), (13, 900, 40)])

  /// The sizes, with the kernels of every variant.
  static func of(_ sizes: [(rows: Int, depth: Int, width: Int)]) -> [FusedShape] {
    CPUVariant.supported.flatMap { variant in
      sizes.map { FusedShape(variant: variant, rows: $0.rows, depth: $0.depth, width: $0.width) }
    }
  }
}

@Suite struct FusionTests {
  @Test(
    "a residual added within the matmul gives the same bits as one added after it", arguments: FusedShape.all)
  func residual(shape: FusedShape) throws {
    let lab = try CPULab(shape.variant, seed: 31)
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

  @Test("a GELU gives the same bits whether its argument is kept or not", arguments: FusedShape.all)
  func gelu(shape: FusedShape) throws {
    let lab = try CPULab(shape.variant, seed: 32)
    func output() throws -> Matrix {
      Matrix(try lab.poison(shape.rows * shape.width), columns: shape.width)
    }
    let (alone, kept, pre, plain) = (try output(), try output(), try output(), try output())
    var operation = Matmul(
      input: Matrix(try lab.random(shape.rows * shape.depth), columns: shape.depth),
      weight: Parameter(
        try lab.random(shape.depth * shape.width), rows: shape.depth, columns: shape.width),
      bias: Parameter(try lab.random(shape.width), rows: 1, columns: shape.width), output: plain,
      rows: try RowGroups(rows: shape.rows))
    try lab.device.matmul(operation)
    (operation.activation, operation.output) = (.gelu, alone)
    try lab.device.matmul(operation)
    (operation.preActivation, operation.output) = (pre, kept)
    try lab.device.matmul(operation)
    let values = try lab.device.read(alone.buffer)
    #expect(!values.contains { $0.isNaN })
    #expect(values.bits == (try lab.device.read(kept.buffer)).bits)
    #expect((try lab.device.read(pre.buffer)).bits == (try lab.device.read(plain.buffer)).bits)
    #expect(values.bits != (try lab.device.read(pre.buffer)).bits)
  }

  @Test("keeping an argument without a GELU, and a residual after a GELU, are refused")
  func refusals() throws {
    let lab = try CPULab(.best, seed: 33)
    func matrix() throws -> Matrix { Matrix(try lab.random(6), columns: 3) }
    var operation = Matmul(
      input: try matrix(), weight: Parameter(try lab.random(9), rows: 3, columns: 3),
      preActivation: try matrix(), output: try matrix(), rows: try RowGroups(rows: 2))
    #expect(throws: ComputeError.self) { try lab.device.matmul(operation) }
    operation.activation = .gelu
    try lab.device.matmul(operation)
    operation.residual = try matrix()
    #expect(throws: ComputeError.self) { try lab.device.matmul(operation) }
  }
}
