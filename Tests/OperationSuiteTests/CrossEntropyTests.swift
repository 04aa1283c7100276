import Compute
import Foundation
import TestDevices
import Testing

@Suite("Losses and predictions in numerically difficult cases")
struct CrossEntropyTests {
  /// The results of a device for rows of logits.
  private struct Found {
    var rowLoss: [Float]
    var correct: [Float]
    var loss: Float
  }

  private func run(
    _ logits: [[Float]], _ targets: [Int32], weights: [Float]? = nil, on device: any Device
  ) throws -> Found {
    func column() throws -> Matrix {
      Matrix(try device.makeBuffer([Float](repeating: .nan, count: logits.count)), columns: 1)
    }
    let (rowLoss, correct) = (try column(), try column())
    let loss = Parameter(try device.makeBuffer(count: 1), rows: 1, columns: 1)
    try device.crossEntropy(
      CrossEntropy(
        logits: Matrix(try device.makeBuffer(logits.flatMap { $0 }), columns: logits[0].count),
        targets: try device.makeBuffer(targets),
        rowWeight: Matrix(
          try device.makeBuffer(weights ?? [Float](repeating: 1, count: logits.count)), columns: 1),
        rowLoss: rowLoss, rowCorrect: correct, loss: loss, rows: RowGroups(rows: logits.count)))
    return Found(
      rowLoss: try device.read(rowLoss.buffer), correct: try device.read(correct.buffer),
      loss: try device.read(loss.buffer)[0])
  }

  @Test(
    "the lowest index of tied logits is the prediction, wherever the tied logits are",
    arguments: Backend.allCases)
  func ties(backend: Backend) throws {
    let width = 37
    var (logits, targets, expected) = ([[Float]](), [Int32](), [Float]())
    for target in 0..<width {
      for other in 0..<width where other != target {
        var row = (0..<width).map { -1 - Float($0 % 5) }
        (row[target], row[other]) = (2, 2)
        logits.append(row)
        targets.append(Int32(target))
        expected.append(other < target ? 0 : 1)
      }
    }
    #expect(try run(logits, targets, on: backend.make()).correct == expected)
  }

  @Test("a small loss keeps its precision beside large logits", arguments: Backend.allCases)
  func largeLogits(backend: Backend) throws {
    let logits = [1e3, 1e5, 1e6].map { (large: Float) in [large, large - 1, large + 1, large - 8] }
    let found = try run(logits, [2, 2, 2], on: backend.make())
    let expected = log(exp(-1.0) + exp(-2.0) + 1 + exp(-9.0))
    for loss in found.rowLoss { #expect(abs(Double(loss) - expected) <= 1e-6, "\(found.rowLoss)") }
  }

  @Test("a row without a target contributes nothing, whatever its weight", arguments: Backend.allCases)
  func weights(backend: Backend) throws {
    for weight in [Float.nan, .infinity, -.infinity] {
      let found = try run(
        [[0, 0], [0, 0], [0, 0]], [1, -100, 0], weights: [0.5, weight, 0.5], on: backend.make())
      #expect(abs(found.loss - 0.693_147_2) <= 1e-6, "\(found.loss)")
      #expect(found.rowLoss[1] == 0)
    }
  }
}
