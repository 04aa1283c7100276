import Compute
import ReferenceDevice
import TestDevices
import Testing

@Suite struct MemoryTests {
  let lab = ReferenceLab(seed: 8)

  @Test("a new buffer is zeros; a write of doubles is kept to the last digit and read rounded")
  func precision() throws {
    let buffer = try lab.zeros(3)
    try lab.device.write([0.1], to: buffer, at: 1)
    #expect(try lab.device.readDoubles(buffer) == [0, 0.1, 0])
    #expect(try lab.device.read(buffer, 1..<3) == [Float(0.1), 0])
    #expect(lab.device.description.selector == "reference")
    #expect(lab.device.description.kind == .reference)
  }

  @Test("copies move elements between buffers and within one, where ranges overlap too")
  func copies() throws {
    let (source, target) = (try lab.buffer([1, 2, 3, 4]), try lab.zeros(3))
    try lab.device.copy(from: source, 1..<3, to: target, at: 1)
    #expect(try lab.values(target) == [0, 2, 3])
    try lab.device.copy(from: source, 0..<3, to: source, at: 1)
    #expect(try lab.values(source) == [1, 1, 2, 3])
  }

  @Test("what lies outside a buffer is refused")
  func ranges() throws {
    let (buffer, integers) = (try lab.zeros(3), try lab.device.makeBuffer([1] as [Int32]))
    #expect(throws: ComputeError.self) { try lab.device.write([1, 2] as [Float], to: buffer, at: 2) }
    #expect(throws: ComputeError.self) { try lab.device.write([1] as [Float], to: buffer, at: -1) }
    #expect(throws: ComputeError.self) { try lab.device.write([1] as [Int32], to: integers, at: 1) }
    #expect(throws: ComputeError.self) { try lab.device.read(buffer, 2..<4) }
    #expect(throws: ComputeError.self) { try lab.device.read(buffer, -1..<2) }
    #expect(throws: ComputeError.self) { try lab.device.copy(from: buffer, 0..<2, to: buffer, at: 2) }
    #expect(throws: ComputeError.self) { try lab.device.makeBuffer(count: -1) }
    // Elements of the other type.
    #expect(throws: ComputeError.self) { try lab.device.write([1] as [Float], to: integers, at: 0) }
    #expect(throws: ComputeError.self) { try lab.device.read(integers, 0..<1) }
    #expect(throws: ComputeError.self) { try lab.device.copy(from: integers, 0..<1, to: buffer, at: 0) }
  }
}

@Suite("Faults of the caller are thrown, never trapped") struct FaultTests {
  let lab = ReferenceLab(seed: 9)

  private final class ForeignBuffer: Buffer {
    let count = 64
    let elementType = ElementType.float32
  }

  @Test("a foreign buffer")
  func foreign() throws {
    let (foreign, own) = (Matrix(ForeignBuffer(), columns: 2), Matrix(try lab.zeros(64), columns: 2))
    for operands in [(foreign, own, own), (own, foreign, own), (own, own, foreign)] {
      let operation = Add(left: operands.0, right: operands.1, output: operands.2, count: 3)
      #expect {
        try lab.device.add(operation)
      } throws: {
        if case ComputeError.foreignBuffer("add", "reference") = $0 { true } else { false }
      }
    }
  }

  @Test("sizes that don't fit")
  func sizes() throws {
    let (small, large) = (Matrix(try lab.zeros(4), columns: 2), Matrix(try lab.zeros(64), columns: 2))
    #expect(throws: (any Error).self) {
      try lab.device.add(Add(left: large, right: large, output: small, count: 3))
    }
    let weight = Parameter(try lab.zeros(64), rows: 3, columns: 2)
    #expect(throws: (any Error).self) {
      try lab.device.matmul(Matmul(input: large, weight: weight, output: large, rows: try RowGroups(rows: 2)))
    }
  }

  @Test("a token, position, target or index outside its table", arguments: [-1, 2, Int32.max])
  func indices(index: Int32) throws {
    let rows = try RowGroups(rows: 2)
    let (bad, good) = (
      try lab.device.makeBuffer([0, index] as [Int32]), try lab.device.makeBuffer([0, 1] as [Int32])
    )
    let matrix = Matrix(try lab.zeros(4), columns: 2)
    let table = Parameter(try lab.zeros(4), rows: 2, columns: 2)
    for (tokens, positions) in [(bad, good), (good, bad)] {
      #expect(
        throws: ComputeError.self,
        performing: {
          try lab.device.embedding(
            Embedding(
              tokens: tokens, positions: positions, tokenTable: table, positionTable: table, output: matrix,
              rows: rows))
        })
      #expect(
        throws: ComputeError.self,
        performing: {
          try lab.device.embeddingBackward(
            EmbeddingBackward(
              tokens: tokens, positions: positions, outputGradient: matrix, tokenTableGradient: table,
              positionTableGradient: table, rows: rows))
        })
    }
    #expect(throws: ComputeError.self) {
      try lab.device.gatherRows(GatherRows(input: matrix, indices: bad, output: matrix, count: 2))
    }
    #expect(throws: ComputeError.self) {
      try lab.device.scatterRows(ScatterRows(input: matrix, indices: bad, output: matrix, count: 2))
    }
    if index >= 0 {
      let column = Matrix(try lab.zeros(2), columns: 1)
      #expect(throws: ComputeError.self) {
        try lab.device.crossEntropy(
          CrossEntropy(
            logits: matrix, targets: bad, rowWeight: column, rowLoss: column, rowCorrect: column,
            loss: Parameter(try lab.zeros(1), rows: 1, columns: 1), rows: rows))
      }
    }
  }
}
