import Compute
import Foundation
import ReferenceDevice
import TestDevices
import Testing

/// Forwards compared with examples computed by hand.
@Suite struct ForwardTests {
  let lab = ReferenceLab(seed: 6)

  @Test("embedding adds the rows of a token and a position, each model from its own tables")
  func embedding() throws {
    let output = try lab.zeros(6)
    try lab.device.embedding(
      Embedding(
        tokens: try lab.device.makeBuffer([1, 0, 1] as [Int32]),
        positions: try lab.device.makeBuffer([0, 1, 0] as [Int32]),
        tokenTable: Parameter(
          try lab.buffer([1, 2, 3, 4, 10, 20, 30, 40]), rows: 2, columns: 2, modelStride: 4),
        positionTable: Parameter(
          try lab.buffer([0.5, 0, 0.25, 0, 0, 5, 0, 7]), rows: 2, columns: 2, modelStride: 4),
        output: Matrix(output, columns: 2),
        rows: try RowGroups([
          RowGroup(model: 0, firstRow: 0, count: 2), RowGroup(model: 1, firstRow: 2, count: 1),
        ])))
    #expect(try lab.values(output) == [3.5, 4, 1.25, 2, 30, 45])
  }

  @Test("layer_norm uses the biased variance, and stores mean and rstd")
  func layerNorm() throws {
    let (output, statistics) = (try lab.zeros(4), try lab.zeros(2))
    try lab.device.layerNorm(
      LayerNorm(
        input: Matrix(try lab.buffer([1, 1, 5, 5]), columns: 4),
        weight: Parameter(try lab.buffer([1, 2, 3, 4]), rows: 1, columns: 4),
        bias: Parameter(try lab.buffer([10, 0, 0, -1]), rows: 1, columns: 4), epsilon: 0,
        output: Matrix(output, columns: 4), statistics: Matrix(statistics, columns: 2),
        rows: try RowGroups(rows: 1)))
    #expect(try lab.values(output) == [9, -2, 3, 3])
    #expect(try lab.values(statistics) == [3, 0.5])
  }

  @Test("a GELU is exact, also for large arguments, and keeps its argument")
  func gelu() throws {
    let (output, pre) = (try lab.zeros(4), try lab.zeros(4))
    try lab.device.matmul(
      Matmul(
        input: Matrix(try lab.buffer([0, 0.5, 1, -10]), columns: 1),
        weight: Parameter(try lab.buffer([2]), rows: 1, columns: 1),
        bias: Parameter(try lab.buffer([1]), rows: 1, columns: 1), activation: .gelu,
        preActivation: Matrix(pre, columns: 1),
        output: Matrix(output, columns: 1), rows: try RowGroups(rows: 4)))
    #expect(try lab.values(pre) == [1, 2, 3, -19])
    // x·Φ(x), computed with 30 digits.
    let expected = [
      0.841344746068542949, 1.95449973610364159, 2.99595030590510972, -1.62017255099988554e-79,
    ]
    for (value, expected) in zip(try lab.values(output), expected) {
      #expect(abs(value / expected - 1) < 1e-13)
    }
  }

  @Test("a residual may have the same memory as the output")
  func residual() throws {
    let output = try lab.buffer([100, 200])
    let matrix = Matrix(output, columns: 1)
    try lab.device.matmul(
      Matmul(
        input: Matrix(try lab.buffer([1, 2, 3, 4]), columns: 2),
        weight: Parameter(try lab.buffer([10, 1]), rows: 2, columns: 1), residual: matrix, output: matrix,
        rows: try RowGroups(rows: 2)))
    #expect(try lab.values(output) == [112, 234])
  }

  @Test("attention sees keys up to its own position, and large scores do not overflow")
  func attention() throws {
    let (output, logSumExp) = (try lab.zeros(2), try lab.zeros(2))
    try lab.device.attention(
      Attention(
        query: Matrix(try lab.buffer([1, 1000]), columns: 1),
        key: Matrix(try lab.buffer([log(3.0), 0, 7]), columns: 1),
        value: Matrix(try lab.buffer([4, 8, 99]), columns: 1), heads: 1, output: Matrix(output, columns: 1),
        logSumExp: Matrix(logSumExp, columns: 1),
        layout: try AttentionLayout(
          [AttentionSequence(firstQuery: 0, queryCount: 2, firstKey: 0, keyCount: 3)], positions: [1, 2])))
    let result = try lab.values(output)
    #expect(abs(result[0] - 5) < 1e-14)
    #expect(result[1] == 99)
    let sums = try lab.values(logSumExp)
    #expect(abs(sums[0] - log(4.0)) < 1e-14)
    #expect(sums[1] == 7000)
  }

  @Test("cross_entropy predicts the lowest of tied logits and ignores rows without a target")
  func crossEntropy() throws {
    let logits = try lab.buffer([0, 2, 2, 2, 0, 2, 9, 9, 9, 1, 1, 1])
    let (rowLoss, rowCorrect, loss) = (
      try lab.buffer([7, 7, 7, 7]), try lab.buffer([7, 7, 7, 7]), try lab.zeros(2)
    )
    try lab.device.crossEntropy(
      CrossEntropy(
        logits: Matrix(logits, columns: 3), targets: try lab.device.makeBuffer([1, 2, -100, 0] as [Int32]),
        rowWeight: Matrix(try lab.buffer([0.5, 0.25, 100, 3]), columns: 1),
        rowLoss: Matrix(rowLoss, columns: 1), rowCorrect: Matrix(rowCorrect, columns: 1),
        logitsGradient: Matrix(logits, columns: 3),
        loss: Parameter(loss, rows: 1, columns: 1, modelStride: 1),
        rows: try RowGroups([
          RowGroup(model: 0, firstRow: 0, count: 3), RowGroup(model: 1, firstRow: 3, count: 1),
        ])))
    #expect(try lab.values(rowCorrect) == [1, 0, 0, 1])
    let two = log(2 + exp(-2.0))
    for (value, expected) in zip(try lab.values(rowLoss), [two, two, 0, log(3.0)] as [Double]) {
      #expect(abs(value - expected) < 1e-15)
    }
    #expect(abs(try lab.values(loss)[0] - 0.75 * two) < 1e-15)
    #expect(abs(try lab.values(loss)[1] - 3 * log(3.0)) < 1e-15)
    // The gradient overwrites the logits. Its rows sum to zero, and the row without a target is zero.
    let gradient = try lab.values(logits)
    #expect(Array(gradient[6..<9]) == [0, 0, 0])
    for row in [0, 1, 3] { #expect(abs(gradient[3 * row..<3 * row + 3].reduce(0, +)) < 1e-15) }
    #expect(abs(gradient[9] + 2) < 1e-15)
  }

  @Test("adam equals the textbook formula for five steps, on the first elements only")
  func adam() throws {
    let count = 5
    var p = lab.numbers(count).map(Double.init)
    var (m, v) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    let parameters = try lab.buffer(p + [42])
    let (first, second) = (try lab.zeros(count + 1), try lab.zeros(count + 1))
    for step in 1...5 {
      let gradients = lab.numbers(count).map(Double.init)
      try lab.device.adam(
        Adam(
          parameters: parameters, gradients: try lab.buffer(gradients + [1]), firstMoment: first,
          secondMoment: second, count: count, step: step, learningRate: 0.1, beta1: 0.8, beta2: 0.95,
          epsilon: 1e-3))
      for i in 0..<count {
        m[i] = 0.8 * m[i] + 0.2 * gradients[i]
        v[i] = 0.95 * v[i] + 0.05 * gradients[i] * gradients[i]
        let mHat = m[i] / (1 - pow(0.8, Double(step)))
        let vHat = v[i] / (1 - pow(0.95, Double(step)))
        p[i] -= 0.1 * mHat / (vHat.squareRoot() + 1e-3)
      }
    }
    let result = try lab.values(parameters)
    for i in 0..<count { #expect(abs(result[i] - p[i]) < 1e-14) }
    #expect(result[count] == 42)
    #expect(try lab.values(first)[count] == 0)
  }
}
