import Compute
import Foundation

/// The gradients of attention. The probabilities are recomputed from the scores and the forward's
/// log-sum-exp.
extension ReferenceDevice {
  package func attentionBackward(_ operation: AttentionBackward) throws {
    try operation.validate()
    let name = AttentionBackward.name
    let query = try reading(operation.query, in: name)
    let key = try reading(operation.key, in: name)
    let value = try reading(operation.value, in: name)
    let output = try reading(operation.output, in: name)
    let logSumExp = try reading(operation.logSumExp, in: name)
    let outputGradient = try reading(operation.outputGradient, in: name)
    let queryGradient = try writing(operation.queryGradient, in: name)
    let keyGradient = try writing(operation.keyGradient, in: name)
    let valueGradient = try writing(operation.valueGradient, in: name)
    let width = operation.headWidth
    let scale = 1 / Double(width).squareRoot()

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
          // D = outputGradient·output = Σ_j p_j (outputGradient·v_j), the part that the normalisation of the
          // softmax subtracts.
          var d = 0.0
          for column in columns { d += outputGradient[row, column] * output[row, column] }

          for keyRow in sequence.keyRows(seenFrom: operation.layout.positions[row]) {
            var (score, dp) = (0.0, 0.0)
            for column in columns {
              score += query[row, column] * key[keyRow, column]
              dp += outputGradient[row, column] * value[keyRow, column]
            }
            let p = exp(score * scale - logSumExp[row, head])
            let ds = p * (dp - d) * scale
            for column in columns {
              queryGradient[row, column] += ds * key[keyRow, column]
              keyGradient[keyRow, column] += ds * query[row, column]
              valueGradient[keyRow, column] += p * outputGradient[row, column]
            }
          }
        }
      }
    }
  }
}
