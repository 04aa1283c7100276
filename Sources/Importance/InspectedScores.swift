import Errors
import Foundation
import Tasks

/// How well the logits of a batch predict its targets: what `inspect` says on the terminal.
package struct InspectedScores: Equatable, Sendable {
  /// The mean of −ln softmax(logits)[target] over the positions that have a target.
  package let loss: Double
  /// The number of positions that have a target, and of those whose largest logit is the target's; if logits are tied,
  /// the lowest index counts.
  package let targets: Int
  package let right: Int
  /// The number of sequences that have a target, and of those all of whose targets are predicted.
  package let sequences: Int
  package let exact: Int

  /// - Parameters:
  ///   - logits: [B, T, V]
  ///   - sequences: the batch, [B][T]
  init(loss: Double, logits: [Float], of sequences: [TokenSequence]) {
    self.loss = loss
    let width = logits.count / max(1, sequences.reduce(0) { $0 + $1.targets.count })
    var (row, targets, right, counted, exact) = (0, 0, 0, 0, 0)
    for sequence in sequences {
      var missed = 0
      var found = 0
      for target in sequence.targets {
        defer { row += 1 }
        guard target >= 0 else { continue }
        let values = logits[row * width..<(row + 1) * width]
        let isRight = values.firstIndex(of: values.max() ?? .nan) == values.startIndex + Int(target)
        (found, missed) = isRight ? (found + 1, missed) : (found, missed + 1)
      }
      guard found + missed > 0 else { continue }
      (targets, right) = (targets + found + missed, right + found)
      (counted, exact) = (counted + 1, missed == 0 ? exact + 1 : exact)
    }
    (self.targets, self.right, self.sequences, self.exact) = (targets, right, counted, exact)
  }
}

extension InspectedScores: CustomStringConvertible {
  /// `loss 0.0336, token accuracy 0.987 (1203 of 1219 targets), exact match 0.922 (59 of 64 sequences)`
  package var description: String {
    func share(_ part: Int, of whole: Int, _ unit: String) -> String {
      String(format: "%.3f", Double(part) / Double(max(1, whole))) + " (\(part) of \(counted(whole, unit)))"
    }
    return "loss \(String(format: "%.4f", loss)), token accuracy \(share(right, of: targets, "target")), "
      + "exact match \(share(exact, of: sequences, "sequence"))"
  }
}
