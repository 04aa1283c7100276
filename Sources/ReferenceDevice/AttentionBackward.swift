import Compute
import Foundation

/// The gradients of attention. The probabilities are computed from the scores alone. The output and
/// log-sum-exp of the forward are not used: they save other devices time, and are rounded on some of them.
extension ReferenceDevice {
  package func attentionBackward(_ operation: AttentionBackward) throws {
    try operation.validate()
    let name = AttentionBackward.name
    let query = try reading(operation.query, in: name)
    let key = try reading(operation.key, in: name)
    let value = try reading(operation.value, in: name)
    _ = try reading(operation.output, in: name)
    _ = try reading(operation.logSumExp, in: name)
    let outputGradient = try reading(operation.outputGradient, in: name)
    let queryGradient = try writing(operation.queryGradient, in: name)
    let keyGradient = try writing(operation.keyGradient, in: name)
    let valueGradient = try writing(operation.valueGradient, in: name)
    let (width, rule) = (operation.headWidth, operation.scores)

    for sequence in operation.layout.sequences {
      // Keys and values collect from all queries of their sequence. Those that no query sees keep these
      // zeros.
      for keyRow in sequence.keyRows {
        for column in 0..<operation.key.columns {
          keyGradient[keyRow, column] = 0
          valueGradient[keyRow, column] = 0
        }
      }
      for row in sequence.queryRows {
        for column in 0..<operation.query.columns { queryGradient[row, column] = 0 }
        for head in 0..<operation.heads {
          let columns = head * width..<(head + 1) * width
          let keys = sequence.keyRows(seenFrom: operation.layout.positions[row], rule)
          var (scores, dps): ([Double], [Double]) = ([], [])
          for keyRow in keys {
            var (score, dp) = (0.0, 0.0)
            let place = operation.keyRows.row(ofKey: keyRow)
            for column in columns {
              score += query[row, column] * key[place, column]
              dp += outputGradient[row, column] * value[place, column]
            }
            scores.append(rule.score(ofProduct: score, headWidth: width))
            dps.append(dp)
          }
          let greatest = scores.reduce(-Double.infinity) { max($0, $1) }
          let exponentials = scores.map { exp($0 - greatest) }
          let sum = exponentials.reduce(0, +)
          // D = Σ_j p_j dp_j = outputGradient·output: the part that the softmax's normalisation removes.
          var d = 0.0
          for (e, dp) in zip(exponentials, dps) { d += e / sum * dp }

          for (index, keyRow) in keys.enumerated() {
            let p = exponentials[index] / sum
            let ds = p * (dps[index] - d) * rule.slope(ofScore: scores[index], headWidth: width)
            let place = operation.keyRows.row(ofKey: keyRow)
            for column in columns {
              queryGradient[row, column] += ds * key[place, column]
              keyGradient[keyRow, column] += ds * query[row, column]
              valueGradient[keyRow, column] += p * outputGradient[row, column]
            }
          }
        }
      }
    }
  }
}
