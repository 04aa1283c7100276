import Compute
import Tasks

/// How well a forward predicted the targets of one sequence.
package struct TargetScore: Equatable, Sendable {
  /// The number of positions that have a target.
  package var targets: Int
  /// The number of them whose largest logit is the target's; if logits are tied, the lowest index counts.
  package var right: Int
  /// The mean of ln softmax(logits)[target] over the targets.
  package var logProbability: Double
  /// The mean of logit[target] − logit[foil] over the targets that have a foil; 0 if none has.
  package var logitDifference: Double
  /// The mean over the targets of KL(clean ‖ this run) of the next token's distribution, in nats; 0 where it is not measured.
  package var divergence = 0.0

  /// Whether greedy decoding gives the whole target.
  package var isExact: Bool { right == targets }
}

extension Transformer {
  /// Scores of the last forward: [lanes][sequences].
  ///
  /// - Parameters:
  ///   - batch: the batch of that forward, with logits at target rows only.
  ///   - foils: for each output row, a wrong answer with which the target is compared; negative if there is
  ///     none.
  /// - Throws: `ModelError.batch` for a batch of all rows, and before the first forward.
  package func readTargetScores(_ batch: Batch, foils: [Int32]? = nil) throws -> [[TargetScore]] {
    guard batch.selection != .all else {
      throw ModelError.batch("scores are read of rows that have a target")
    }
    let activations = try lastActivations()
    let rows = 0..<batch.outputRows.extent
    let correct = try device.readDoubles(activations.rowCorrect.buffer, rows)
    let loss = try device.readDoubles(activations.rowLoss.buffer, rows)
    let foilLoss = try foils.map { try foilLosses($0, batch, activations.logits) }
    return batch.sequenceOutputRows.map { lane in
      lane.map { rows in
        var score = TargetScore(targets: rows.count, right: 0, logProbability: 0, logitDifference: 0)
        var foiled = 0
        for row in rows {
          if correct[row] != 0 { score.right += 1 }
          score.logProbability -= loss[row]
          if let foils, let foilLoss, foils[row] >= 0 {
            score.logitDifference += foilLoss[row] - loss[row]
            foiled += 1
          }
        }
        score.logProbability /= Double(max(rows.count, 1))
        score.logitDifference /= Double(max(foiled, 1))
        return score
      }
    }
  }

  /// −ln softmax(logits)[foil] for each output row. Minus the target's value it is the difference of the two
  /// logits.
  private func foilLosses(_ foils: [Int32], _ batch: Batch, _ logits: Matrix) throws -> [Double] {
    let extent = batch.outputRows.extent
    guard foils.count == extent else {
      throw ModelError.batch("\(foils.count) foils for \(extent) rows with a target")
    }
    let weights = try device.makeBuffer(count: extent)
    let losses = try device.makeBuffer(count: extent)
    try device.crossEntropy(
      CrossEntropy(
        logits: logits, targets: device.makeBuffer(foils), rowWeight: Matrix(weights, columns: 1),
        rowLoss: Matrix(losses, columns: 1),
        rowCorrect: Matrix(try device.makeBuffer(count: extent), columns: 1),
        loss: Parameter(
          try device.makeBuffer(count: max(modelCount, 1)), rows: 1, columns: 1, modelStride: 1),
        rows: batch.outputRows))
    return try device.readDoubles(losses)
  }
}

extension Batch {
  /// For each output row of sequences with live rows: the foil, or `noLoss` if it equals the target.
  ///
  /// - Parameter foils: for each sequence, one per token.
  /// - Throws: `ModelError.batch` for other counts.
  package static func foilRows(_ sequences: [TokenSequence], _ foils: [[Int32]]) throws -> [Int32] {
    guard sequences.count == foils.count,
      zip(sequences, foils).allSatisfy({ $0.targets.count == $1.count })
    else { throw ModelError.batch("every token needs a foil or none does") }
    var rows: [Int32] = []
    for (sequence, foils) in zip(sequences, foils) {
      for (target, foil) in zip(sequence.targets, foils) where target >= 0 {
        rows.append(foil == target ? TokenSequence.noLoss : foil)
      }
    }
    return rows
  }
}
