import CPUDevice
import Compute
import ReferenceDevice
import TestDevices
import Testing

@Suite("Faults of the caller are thrown, never trapped") struct FaultTests {
  let lab: CPULab
  init() throws { lab = try CPULab(seed: 41) }

  @Test("a foreign buffer, in every place it can be handed in")
  func foreign() throws {
    let stranger = try ReferenceDevice().makeBuffer(count: 64, .float32)
    let own = try lab.random(64)
    func refuses(_ operation: String, _ call: () throws -> Void) {
      #expect {
        try call()
      } throws: {
        if case ComputeError.foreignBuffer(operation, "cpu") = $0 { true } else { false }
      }
    }
    for place in 0..<3 {
      let buffers = (0..<3).map { Matrix($0 == place ? stranger : own, columns: 2) }
      refuses(Add.name) {
        try lab.device.add(Add(left: buffers[0], right: buffers[1], output: buffers[2], count: 3))
      }
    }
    refuses("read") { _ = try lab.device.read(stranger, 0..<1) }
    refuses("write") { try lab.device.write([1] as [Float], to: stranger, at: 0) }
    refuses("copy") { try lab.device.copy(from: own, 0..<1, to: stranger, at: 0) }
    refuses("copy") { try lab.device.copy(from: stranger, 0..<1, to: own, at: 0) }
    refuses(Adam.name) {
      try lab.device.adam(
        Adam(
          parameters: own, gradients: own, firstMoment: stranger, secondMoment: own, count: 3, step: 1))
    }
  }

  @Test("a token, position, target or index outside its table", arguments: [-1, 2, Int32.max])
  func indices(index: Int32) throws {
    let rows = try RowGroups(rows: 2)
    let (bad, good) = (
      try lab.device.makeBuffer([0, index] as [Int32]), try lab.device.makeBuffer([0, 1] as [Int32])
    )
    let matrix = Matrix(try lab.random(4), columns: 2)
    let table = Parameter(try lab.random(4), rows: 2, columns: 2)
    for (tokens, positions) in [(bad, good), (good, bad)] {
      #expect(throws: ComputeError.self) {
        try lab.device.embedding(
          Embedding(
            tokens: tokens, positions: positions, tokenTable: table, positionTable: table, output: matrix,
            rows: rows))
      }
      #expect(throws: ComputeError.self) {
        try lab.device.embeddingBackward(
          EmbeddingBackward(
            tokens: tokens, positions: positions, outputGradient: matrix, tokenTableGradient: table,
            positionTableGradient: table, rows: rows))
      }
    }
    #expect(throws: ComputeError.self) {
      try lab.device.gatherRows(GatherRows(input: matrix, indices: bad, output: matrix, count: 2))
    }
    #expect(throws: ComputeError.self) {
      try lab.device.scatterRows(ScatterRows(input: matrix, indices: bad, output: matrix, count: 2))
    }
    if index >= 0 {
      let column = Matrix(try lab.random(2), columns: 1)
      #expect(throws: ComputeError.self) {
        try lab.device.crossEntropy(
          CrossEntropy(
            logits: matrix, targets: bad, rowWeight: column, rowLoss: column, rowCorrect: column,
            loss: Parameter(try lab.random(1), rows: 1, columns: 1), rows: rows))
      }
    }
  }

  @Test("a message about a token names it and its place")
  func message() throws {
    #expect {
      try lab.device.gatherRows(
        GatherRows(
          input: Matrix(try lab.random(8), columns: 2),
          indices: try lab.device.makeBuffer([0, 3, 9] as [Int32]),
          output: Matrix(try lab.random(8), columns: 2), count: 3))
    } throws: {
      "\($0)".contains(GatherRows.name) && "\($0)".contains("9 at 2")
    }
  }

  @Test("an absurd buffer", arguments: [1 << 60, Int.max, Int.max / 4 + 1])
  func absurdBuffers(count: Int) {
    for type in [ElementType.float32, .int32] {
      #expect {
        try lab.device.makeBuffer(count: count, type)
      } throws: {
        if case ComputeError.outOfMemory(let bytes, "cpu", _) = $0 { bytes >= 1 << 60 } else { false }
      }
    }
  }

  @Test("a negative buffer, and elements outside a buffer or of the other type")
  func ranges() throws {
    let (floats, integers) = (try lab.random(3), try lab.device.makeBuffer([1] as [Int32]))
    #expect(throws: ComputeError.self) { try lab.device.makeBuffer(count: -1) }
    #expect(throws: ComputeError.self) { try lab.device.write([1, 2] as [Float], to: floats, at: 2) }
    #expect(throws: ComputeError.self) { try lab.device.write([1] as [Float], to: floats, at: -1) }
    #expect(throws: ComputeError.self) { try lab.device.write([1] as [Int32], to: integers, at: 1) }
    #expect(throws: ComputeError.self) { try lab.device.read(floats, 2..<4) }
    #expect(throws: ComputeError.self) { try lab.device.read(floats, -1..<2) }
    #expect(throws: ComputeError.self) { try lab.device.copy(from: floats, 0..<2, to: floats, at: 2) }
    #expect(throws: ComputeError.self) { try lab.device.write([1] as [Float], to: integers, at: 0) }
    #expect(throws: ComputeError.self) { try lab.device.read(integers, 0..<1) }
  }

  @Test("operands that no memory could hold, and models that would write one another's gradient")
  func operands() throws {
    let buffer = try lab.random(64)
    let (rows, weight) = (Matrix(buffer, columns: 2), Parameter(buffer, rows: 2, columns: 2))
    for (offset, stride) in [(Int.max, 2), (0, Int.max), (Int.max - 3, Int.max / 2)] {
      let far = Matrix(buffer, columns: 2, offset: offset, stride: stride)
      #expect(throws: ComputeError.self) {
        try lab.device.matmul(Matmul(input: far, weight: weight, output: rows, rows: RowGroups(rows: 3)))
      }
      let farWeight = Parameter(
        buffer, rows: 2, columns: 2, offset: offset, modelStride: stride, stride: stride)
      #expect(throws: ComputeError.self) {
        try lab.device.matmul(Matmul(input: rows, weight: farWeight, output: rows, rows: RowGroups(rows: 3)))
      }
    }
    #expect(throws: ComputeError.self) {
      try lab.device.matmulWeightGradient(
        MatmulWeightGradient(
          input: rows, outputGradient: rows, weightGradient: weight,
          rows: RowGroups([RowGroup(firstRow: 0, count: 1), RowGroup(model: 1, firstRow: 1, count: 1)])))
    }
  }

  @Test("an empty buffer can be made, written and read")
  func empty() throws {
    let buffer = try lab.device.makeBuffer([] as [Float])
    try lab.device.write([] as [Float], to: buffer, at: 0)
    #expect(try lab.device.read(buffer).isEmpty)
  }

  @Test("a variant this processor lacks is refused with those it has")
  func variants() throws {
    #expect(CPUVariant.supported.first == .baseline)
    #expect(CPUVariant.best == CPUVariant.supported.last)
    for variant in CPUVariant.allCases {
      if CPUVariant.supported.contains(variant) {
        let device = try CPUDevice(variant: variant, threads: 1)
        #expect(device.variant == variant)
        #expect(device.description.selector == "cpu:\(variant.rawValue)")
        #expect(device.description.driver == variant.rawValue)
      } else {
        #expect {
          try CPUDevice(variant: variant, threads: 1)
        } throws: { error in
          "\(error)".contains(variant.rawValue)
            && CPUVariant.supported.allSatisfy { "\(error)".contains($0.rawValue) }
        }
      }
    }
    #expect(try CPUDevice(threads: 1).description.selector == "cpu")
  }
}
