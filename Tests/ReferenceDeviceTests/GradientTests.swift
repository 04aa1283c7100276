import Compute
import ReferenceDevice
import TestDevices
import Testing

/// Every backward compared with central differences of its forward, in double precision, for three models of
/// different sizes, with offsets and padding.
@Suite("A backward is the derivative of its forward") struct GradientTests {
  @Test("embedding: token and position tables")
  func embedding() throws {
    let lab = ReferenceLab(seed: 1)
    let rows = try ReferenceLab.groups()
    let tokens = try lab.device.makeBuffer([3, 1, 0, 4, 4, 0, 3, 4] as [Int32])
    let positions = try lab.device.makeBuffer([0, 1, 0, 0, 1, 2, 0, 1] as [Int32])
    func tokenTable(_ buffer: any Buffer) -> Parameter {
      Parameter(buffer, rows: 5, columns: 4, offset: 1, modelStride: 30, stride: 5)
    }
    func positionTable(_ buffer: any Buffer) -> Parameter {
      Parameter(buffer, rows: 3, columns: 4, offset: 2, modelStride: 13)
    }
    let (table, place) = (try lab.random(90), try lab.random(42))
    let (tableGradient, placeGradient) = (try lab.zeros(90), try lab.zeros(42))
    let (output, weights) = (try lab.zeros(50), try lab.random(50))
    func matrix(_ buffer: any Buffer) -> Matrix { Matrix(buffer, columns: 4, offset: 2, stride: 6) }

    try lab.device.embeddingBackward(
      EmbeddingBackward(
        tokens: tokens, positions: positions, outputGradient: matrix(weights),
        tokenTableGradient: tokenTable(tableGradient), positionTableGradient: positionTable(placeGradient),
        rows: rows))
    func loss() throws -> Double {
      try lab.device.embedding(
        Embedding(
          tokens: tokens, positions: positions, tokenTable: tokenTable(table),
          positionTable: positionTable(place), output: matrix(output), rows: rows))
      return try lab.product(output, weights)
    }
    #expect(try lab.gradientError(of: table, tableGradient, loss: loss) < 1e-7)
    #expect(try lab.gradientError(of: place, placeGradient, loss: loss) < 1e-7)
  }

  @Test("layer_norm: input, weight and bias, with and without a residual gradient")
  func layerNorm() throws {
    let lab = ReferenceLab(seed: 2)
    let rows = try ReferenceLab.groups()
    let width = 7
    func matrix(_ buffer: any Buffer) -> Matrix { Matrix(buffer, columns: width, offset: 3, stride: 9) }
    func vector(_ buffer: any Buffer) -> Parameter {
      Parameter(buffer, rows: 1, columns: width, offset: 1, modelStride: 8)
    }
    let (input, weight, bias) = (try lab.random(80), try lab.random(25), try lab.random(25))
    let (output, weights) = (try lab.zeros(80), try lab.random(80))
    let statistics = Matrix(try lab.zeros(24), columns: 2, stride: 3)
    func loss() throws -> Double {
      try lab.device.layerNorm(
        LayerNorm(
          input: matrix(input), weight: vector(weight), bias: vector(bias), epsilon: 1e-2,
          output: matrix(output), statistics: statistics, rows: rows))
      return try lab.product(output, weights)
    }
    _ = try loss()

    let inputGradient = try lab.zeros(80)
    var backward = LayerNormBackward(
      input: matrix(input), weight: vector(weight), statistics: statistics, outputGradient: matrix(weights),
      inputGradient: matrix(inputGradient), rows: rows)
    try lab.device.layerNormBackward(backward)
    let (weightGradient, biasGradient) = (try lab.zeros(25), try lab.zeros(25))
    try lab.device.layerNormWeightGradient(
      LayerNormWeightGradient(
        input: matrix(input), statistics: statistics, outputGradient: matrix(weights),
        weightGradient: vector(weightGradient), biasGradient: vector(biasGradient), rows: rows))

    #expect(try lab.gradientError(of: input, inputGradient, loss: loss) < 1e-7)
    #expect(try lab.gradientError(of: weight, weightGradient, loss: loss) < 1e-7)
    #expect(try lab.gradientError(of: bias, biasGradient, loss: loss) < 1e-7)

    // The residual gradient is added, and may have the same memory as the input gradient. The loss with a
    // residual path is the previous one plus Σ input·past, only over the rows in groups.
    _ = try loss()
    var past = [Double](repeating: 0, count: 80)
    for row in [0, 1, 3, 4, 5, 6, 7] {
      for column in 0..<width { past[3 + row * 9 + column] = Double(lab.numbers(1)[0]) }
    }
    let pastGradient = try lab.buffer(past)
    try lab.device.write(past, to: inputGradient, at: 0)
    backward.residualGradient = matrix(inputGradient)
    try lab.device.layerNormBackward(backward)
    #expect(
      try lab.gradientError(of: input, inputGradient) {
        try loss() + lab.product(input, pastGradient)
      } < 1e-7)
  }

  @Test("matmul: input, weights and biases of two layers, through a GELU")
  func matmul() throws {
    let lab = ReferenceLab(seed: 3)
    let rows = try ReferenceLab.groups()
    let (input, hidden, output) = (5, 6, 3)
    func matrix(_ buffer: any Buffer, _ columns: Int) -> Matrix {
      Matrix(buffer, columns: columns, offset: 1, stride: 7)
    }
    func first(_ buffer: any Buffer) -> Parameter {
      Parameter(buffer, rows: input, columns: hidden, offset: 2, modelStride: 41, stride: 8)
    }
    func second(_ buffer: any Buffer) -> Parameter {
      Parameter(buffer, rows: hidden, columns: output, modelStride: 18)
    }
    func bias(_ buffer: any Buffer, _ columns: Int) -> Parameter {
      Parameter(buffer, rows: 1, columns: columns, offset: 1, modelStride: 7)
    }
    let x = try lab.random(60)
    let (w1, b1, w2, b2) = (try lab.random(125), try lab.random(22), try lab.random(54), try lab.random(22))
    let (pre, post, y, residual) = (
      try lab.zeros(60), try lab.zeros(60), try lab.zeros(60), try lab.random(60)
    )
    let weights = try lab.random(60)
    func loss() throws -> Double {
      try lab.device.matmul(
        Matmul(
          input: matrix(x, input), weight: first(w1), bias: bias(b1, hidden), activation: .gelu,
          preActivation: matrix(pre, hidden), output: matrix(post, hidden), rows: rows))
      try lab.device.matmul(
        Matmul(
          input: matrix(post, hidden), weight: second(w2), bias: bias(b2, output),
          residual: matrix(residual, output), output: matrix(y, output), rows: rows))
      return try lab.product(y, weights)
    }
    _ = try loss()

    let (dx, dpre) = (try lab.zeros(60), try lab.zeros(60))
    let (dw1, db1, dw2, db2) = (
      try lab.zeros(125), try lab.zeros(22), try lab.zeros(54), try lab.zeros(22)
    )
    try lab.device.matmulWeightGradient(
      MatmulWeightGradient(
        input: matrix(post, hidden), outputGradient: matrix(weights, output), weightGradient: second(dw2),
        biasGradient: bias(db2, output), rows: rows))
    try lab.device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: matrix(weights, output), weight: second(w2), preActivation: matrix(pre, hidden),
        inputGradient: matrix(dpre, hidden), rows: rows))
    try lab.device.matmulWeightGradient(
      MatmulWeightGradient(
        input: matrix(x, input), outputGradient: matrix(dpre, hidden), weightGradient: first(dw1),
        biasGradient: bias(db1, hidden), rows: rows))
    try lab.device.matmulInputGradient(
      MatmulInputGradient(
        outputGradient: matrix(dpre, hidden), weight: first(w1), inputGradient: matrix(dx, input),
        rows: rows))

    for (operand, gradient) in [(x, dx), (w1, dw1), (b1, db1), (w2, dw2), (b2, db2)] {
      #expect(try lab.gradientError(of: operand, gradient, loss: loss) < 1e-7)
    }
  }

  @Test(
    "attention: queries, keys and values of ragged sequences with fewer queries than keys",
    arguments: [1, 2, 3], [AttentionScores(), AttentionScores(scale: 0.7, cap: 0.8, window: 2)])
  func attention(heads: Int, scores: AttentionScores) throws {
    let lab = ReferenceLab(seed: 4)
    let width = 6
    // The third sequence has no query, so its keys get zeros. Row 3 of the queries and row 5 of the keys
    // belong to no model.
    let layout = try AttentionLayout(
      [
        AttentionSequence(firstQuery: 0, queryCount: 3, firstKey: 0, keyCount: 5),
        AttentionSequence(firstQuery: 4, queryCount: 2, firstKey: 6, keyCount: 2),
        AttentionSequence(firstQuery: 6, queryCount: 0, firstKey: 8, keyCount: 2),
        AttentionSequence(firstQuery: 6, queryCount: 1, firstKey: 10, keyCount: 4),
      ], positions: [1, 2, 4, 0, 0, 1, 2])
    func matrix(_ buffer: any Buffer) -> Matrix { Matrix(buffer, columns: width, offset: 1, stride: 8) }
    let (query, key, value) = (try lab.random(60), try lab.random(120), try lab.random(120))
    let (output, weights) = (try lab.zeros(60), try lab.random(60))
    let logSumExp = Matrix(try lab.zeros(30), columns: heads, stride: 4)
    func loss() throws -> Double {
      try lab.device.attention(
        Attention(
          query: matrix(query), key: matrix(key), value: matrix(value), heads: heads,
          output: matrix(output), logSumExp: logSumExp, layout: layout, scores: scores))
      return try lab.product(output, weights)
    }
    _ = try loss()
    let (dq, dk, dv) = (try lab.zeros(60), try lab.zeros(120), try lab.zeros(120))
    try lab.device.attentionBackward(
      AttentionBackward(
        query: matrix(query), key: matrix(key), value: matrix(value), heads: heads, output: matrix(output),
        logSumExp: logSumExp, outputGradient: matrix(weights), queryGradient: matrix(dq),
        keyGradient: matrix(dk), valueGradient: matrix(dv), layout: layout, scores: scores))
    for (operand, gradient) in [(query, dq), (key, dk), (value, dv)] {
      #expect(try lab.gradientError(of: operand, gradient, loss: loss) < 1e-7)
    }
  }

  @Test("soft_cap: the input, where the cap binds and where it hardly does", arguments: [0.7, 30])
  func softCap(cap: Double) throws {
    let lab = ReferenceLab(seed: 6)
    func matrix(_ buffer: any Buffer) -> Matrix { Matrix(buffer, columns: 7, offset: 2, stride: 9) }
    let (input, output, weights) = (try lab.random(50), try lab.zeros(50), try lab.random(50))
    func loss() throws -> Double {
      try lab.device.softCap(
        SoftCap(input: matrix(input), cap: cap, output: matrix(output), count: 5))
      return try lab.product(output, weights)
    }
    _ = try loss()
    let gradient = try lab.zeros(50)
    try lab.device.softCapBackward(
      SoftCapBackward(
        output: matrix(output), cap: cap, outputGradient: matrix(weights), inputGradient: matrix(gradient),
        count: 5))
    #expect(try lab.gradientError(of: input, gradient, loss: loss) < 1e-7)
  }

  @Test("cross_entropy: logits, with rows that have no target")
  func crossEntropy() throws {
    let lab = ReferenceLab(seed: 5)
    let rows = try ReferenceLab.groups()
    func matrix(_ buffer: any Buffer, _ columns: Int) -> Matrix {
      Matrix(buffer, columns: columns, offset: 1, stride: 10)
    }
    let (logits, gradient) = (try lab.random(80), try lab.zeros(80))
    let losses = try lab.zeros(9)
    var operation = CrossEntropy(
      logits: matrix(logits, 9),
      targets: try lab.device.makeBuffer([8, -100, 3, 0, 5, -1, 5, 2] as [Int32]),
      rowWeight: matrix(try lab.random(80), 1), rowLoss: matrix(try lab.zeros(80), 1),
      rowCorrect: matrix(try lab.zeros(80), 1),
      loss: Parameter(losses, rows: 1, columns: 1, offset: 1, modelStride: 3), rows: rows)
    operation.logitsGradient = matrix(gradient, 9)
    try lab.device.crossEntropy(operation)
    operation.logitsGradient = nil
    let queued = operation
    let error = try lab.gradientError(of: logits, gradient) {
      try lab.device.crossEntropy(queued)
      return try lab.values(losses).reduce(0, +)
    }
    #expect(error < 1e-7)
  }
}
