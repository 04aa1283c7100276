import Compute
import Foundation
import Testing

/// If the documentation of an operation allows an output to be an operand, the result equals that of separate
/// buffers.
@Suite("An output may share memory with the operand that the operation allows", .serialized)
struct OverlapTests {
  private let rows = 37
  private let columns = 19

  private func values(_ phase: Float) -> [Float] { (0..<rows * columns).map { sin(Float($0) * 0.7 + phase) } }

  @Test("in add, with either operand", arguments: ContractDevice.all)
  func add(device: ContractDevice) throws {
    let device = try device.make()
    func run(_ output: KeyPath<Add, Matrix>?) throws -> [Float] {
      var operation = Add(
        left: try device.matrix(values(0), columns: columns),
        right: try device.matrix(values(1), columns: columns),
        output: try device.matrix(values(2), columns: columns), count: rows)
      if let output { operation.output = operation[keyPath: output] }
      try device.add(operation)
      return try device.read(operation.output.buffer)
    }
    let apart = try run(nil)
    #expect(try run(\.left) == apart)
    #expect(try run(\.right) == apart)
  }

  @Test("in scale, in soft_cap, and the gradients of soft_cap", arguments: ContractDevice.all)
  func elements(device: ContractDevice) throws {
    let device = try device.make()
    func run(inPlace: Bool) throws -> [[Float]] {
      func operands() throws -> (input: Matrix, output: Matrix) {
        let input = try device.matrix(values(0), columns: columns)
        return (input, inPlace ? input : try device.matrix(values(1), columns: columns))
      }
      let (scaled, capped, gradients) = (try operands(), try operands(), try operands())
      try device.scale(Scale(input: scaled.input, factor: 1.3, output: scaled.output, count: rows))
      try device.softCap(SoftCap(input: capped.input, cap: 0.6, output: capped.output, count: rows))
      try device.softCapBackward(
        SoftCapBackward(
          output: device.matrix(values(2), columns: columns), cap: 1.5, outputGradient: gradients.input,
          inputGradient: gradients.output, count: rows))
      return try [scaled, capped, gradients].map { try device.read($0.output.buffer) }
    }
    let isSame = try run(inPlace: true) == run(inPlace: false)
    #expect(isSame)
  }

  @Test("in cross-entropy, the gradient with the logits", arguments: ContractDevice.all)
  func crossEntropy(device: ContractDevice) throws {
    let device = try device.make()
    let targets = (0..<rows).map { Int32($0 % 5 == 0 ? -1 : $0 % columns) }
    func run(inPlace: Bool) throws -> [[Float]] {
      let logits = try device.matrix(values(0), columns: columns)
      let gradient = inPlace ? logits : try device.matrix(values(1), columns: columns)
      let ones = [Float](repeating: 1, count: rows)
      let (loss, correct) = (try device.matrix(ones, columns: 1), try device.matrix(ones, columns: 1))
      try device.crossEntropy(
        CrossEntropy(
          logits: logits, targets: device.makeBuffer(targets), rowWeight: device.matrix(ones, columns: 1),
          rowLoss: loss, rowCorrect: correct, logitsGradient: gradient,
          loss: Parameter(device.makeBuffer(count: 1), rows: 1, columns: 1), rows: RowGroups(rows: rows)))
      return try [gradient, loss, correct].map { try device.read($0.buffer) }
    }
    let isSame = try run(inPlace: true) == run(inPlace: false)
    #expect(isSame)
  }

  /// A projection writes queries, keys and values side by side, and their gradients have the same layout.
  @Test("and columns of one buffer may be separate operands", arguments: ContractDevice.all)
  func views(device: ContractDevice) throws {
    let device = try device.make()
    let width = 6
    let layout = try AttentionLayout(
      [AttentionSequence(firstQuery: 0, queryCount: rows, firstKey: 0, keyCount: rows)],
      positions: (0..<Int32(rows)).map { $0 })
    func run(packed: Bool) throws -> [[Float]] {
      let stride = packed ? 5 * width + 1 : width
      let shared = try device.makeBuffer(count: rows * stride)
      func place(_ index: Int) throws -> Matrix {
        packed
          ? Matrix(shared, columns: width, offset: index * width, stride: stride)
          : Matrix(try device.makeBuffer(count: rows * width), columns: width)
      }
      let operands = try (0..<5).map { try place($0) }
      for (index, operand) in operands.enumerated() {
        for row in 0..<rows {
          try device.write(
            (0..<width).map { sin(Float(row * width + $0) + Float(index)) }, to: operand.buffer,
            at: operand.offset + row * operand.stride)
        }
      }
      let logSumExp = Matrix(try device.makeBuffer(count: rows * 2), columns: 2)
      try device.attention(
        Attention(
          query: operands[0], key: operands[1], value: operands[2], heads: 2, output: operands[3],
          logSumExp: logSumExp, layout: layout))
      return try operands.map { operand in
        try (0..<rows).flatMap { row in
          let first = operand.offset + row * operand.stride
          return try device.read(operand.buffer, first..<first + width)
        }
      }
    }
    let isSame = try run(packed: true) == run(packed: false)
    #expect(isSame)
  }
}
