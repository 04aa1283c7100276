import Compute
import Foundation

/// The loss, its gradient, and the correctness of every row.
extension ReferenceDevice {
  package func crossEntropy(_ operation: CrossEntropy) throws {
    try operation.validate()
    let name = CrossEntropy.name
    let logits = try reading(operation.logits, in: name)
    let targets = try integers(operation.targets, in: name)
    let rowWeight = try reading(operation.rowWeight, in: name)
    let rowLoss = try writing(operation.rowLoss, in: name)
    let rowCorrect = try writing(operation.rowCorrect, in: name)
    let gradient = try operation.logitsGradient.map { try writing($0, in: name) }
    let loss = try writing(operation.loss, in: name)
    let vocabulary = operation.logits.columns

    for group in operation.rows.models {
      for row in group.rows where targets[row] >= vocabulary {
        throw ComputeError.invalid(
          name, "target \(targets[row]) at \(row) lies outside a vocabulary of \(vocabulary)")
      }
    }

    for group in operation.rows.models {
      var total = 0.0
      for row in group.rows {
        let target = targets[row]
        if target < 0 {
          rowLoss[row, 0] = 0
          rowCorrect[row, 0] = 0
          if let gradient {
            for token in 0..<vocabulary { gradient[row, token] = 0 }
          }
          continue
        }

        // If logits are equal, the first one counts.
        var best = 0
        for token in 0..<vocabulary where logits[row, token] > logits[row, best] { best = token }
        var sum = 0.0
        for token in 0..<vocabulary { sum += exp(logits[row, token] - logits[row, best]) }
        let logSumExp = logits[row, best] + log(sum)

        rowLoss[row, 0] = logSumExp - logits[row, target]
        rowCorrect[row, 0] = best == target ? 1 : 0
        total += rowWeight[row, 0] * rowLoss[row, 0]
        if let gradient {
          for token in 0..<vocabulary {
            let probability = exp(logits[row, token] - logSumExp)
            gradient[row, token] = rowWeight[row, 0] * (probability - (token == target ? 1 : 0))
          }
        }
      }
      loss[model: group.model, 0, 0] = total
    }
  }
}
