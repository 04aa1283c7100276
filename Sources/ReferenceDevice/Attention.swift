import Compute
import Foundation

/// Causal multi-head attention over packed sequences.
extension ReferenceDevice {
  package func attention(_ operation: Attention) throws {
    try operation.validate()
    let name = Attention.name
    let query = try reading(operation.query, in: name)
    let key = try reading(operation.key, in: name)
    let value = try reading(operation.value, in: name)
    let output = try writing(operation.output, in: name)
    let logSumExp = try writing(operation.logSumExp, in: name)
    let (width, rule) = (operation.headWidth, operation.scores)

    for sequence in operation.layout.sequences {
      for row in sequence.queryRows {
        let keys = sequence.keyRows(seenFrom: operation.layout.positions[row], rule)
        for head in 0..<operation.heads {
          let first = head * width
          var scores: [Double] = []
          for keyRow in keys {
            var product = 0.0
            let place = operation.keyRows.row(ofKey: keyRow)
            for column in first..<first + width { product += query[row, column] * key[place, column] }
            scores.append(rule.score(ofProduct: product, headWidth: width))
          }

          // Shifted by the largest score, so that no exponential overflows.
          let greatest = scores.reduce(-Double.infinity) { max($0, $1) }
          var sum = 0.0
          for score in scores { sum += exp(score - greatest) }

          for column in first..<first + width {
            var weighted = 0.0
            for (index, keyRow) in keys.enumerated() {
              let place = operation.keyRows.row(ofKey: keyRow)
              weighted += exp(scores[index] - greatest) / sum * value[place, column]
            }
            output[row, column] = weighted
          }
          logSumExp[row, head] = greatest + log(sum)
        }
      }
    }
  }
}

extension Optional<KeyRows> {
  /// The row of the matrices of keys and values that holds a key.
  func row(ofKey key: Int) -> Int { map { Int($0.rows[key]) } ?? key }
}

extension AttentionSequence {
  var queryRows: Range<Int> { firstQuery..<firstQuery + queryCount }
  var keyRows: Range<Int> { firstKey..<firstKey + keyCount }

  /// The key rows that a query sees, the last of which is at its own position.
  func keyRows(seenFrom position: Int32, _ scores: AttentionScores) -> Range<Int> {
    let keys = scores.keys(seenFrom: Int(position))
    return firstKey + keys.lowerBound..<firstKey + keys.upperBound
  }
}

extension AttentionScores {
  /// The score of a query and a key, from their product.
  func score(ofProduct product: Double, headWidth: Int) -> Double {
    let score = product * scale(headWidth: headWidth)
    return cap.map { $0 * tanh(score / $0) } ?? score
  }

  /// The derivative of a score with respect to the product, from the score itself.
  func slope(ofScore score: Double, headWidth: Int) -> Double {
    let ratio = cap.map { score / $0 } ?? 0
    return scale(headWidth: headWidth) * (1 - ratio) * (1 + ratio)
  }
}
