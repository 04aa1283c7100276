import Foundation
import Transformer

/// How well a model predicts the sequences of a split.
package struct SplitScore: Codable, Sendable, Equatable {
  package var sequences: Int
  /// The number of positions that have a target.
  package var targets: Int
  /// The mean of −ln p(target) over all targets, in nats.
  package var loss: Double
  /// The share of targets that have the largest logit.
  package var accuracy: Double
  /// The loss in bits; absent unless every target is a byte.
  package var bitsPerByte: Double?

  private enum CodingKeys: String, CodingKey {
    case sequences, targets, loss, accuracy
    case bitsPerByte = "bits_per_byte"
  }

  init(_ scores: [TargetScore], areBytes: Bool = false) {
    sequences = scores.count
    targets = scores.reduce(0) { $0 + $1.targets }
    let count = Double(max(targets, 1))
    loss = scores.reduce(0) { $0 - $1.logProbability * Double($1.targets) } / count
    accuracy = Double(scores.reduce(0) { $0 + $1.right }) / count
    bitsPerByte = areBytes ? loss / log(2) : nil
  }
}

extension SplitScore: CustomStringConvertible {
  /// `loss 1.3121 nats (1.8930 bits per byte), accuracy 0.6120, 12800 targets`
  package var description: String {
    func text(_ value: Double) -> String { String(format: "%.4f", value) }
    let bits = bitsPerByte.map { " (\(text($0)) bits per byte)" } ?? ""
    return "loss \(text(loss)) nats\(bits), accuracy \(text(accuracy)), \(targets) targets"
  }
}
