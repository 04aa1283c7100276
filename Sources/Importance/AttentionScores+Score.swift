import Compute
import Foundation

extension AttentionScores {
  /// The score of a query and a key, from their product, as the softmax reads it.
  func score(ofProduct product: Double, headWidth: Int) -> Double {
    let score = product * scale(headWidth: headWidth)
    return cap.map { $0 * tanh(score / $0) } ?? score
  }
}
