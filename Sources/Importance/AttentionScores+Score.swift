import Compute
import Foundation

extension AttentionScores {
  /// The score of a query and a key, from their product, as the softmax reads it.
  ///
  /// - Parameter scale: `scale(headWidth:)` of the heads' width.
  func score(ofProduct product: Double, scale: Double) -> Double {
    let score = product * scale
    return cap.map { $0 * tanh(score / $0) } ?? score
  }
}
