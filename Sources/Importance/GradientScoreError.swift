/// Why gradient scores cannot be computed as requested.
package enum GradientScoreError: Error, CustomStringConvertible {
  case missingPartners
  /// The sample whose partner is wrong, and what is wrong with it.
  case partner(batch: Int, sample: Int, String)
  case sharedRows
  case notRecorded(String)

  package var description: String {
    switch self {
    case .missingPartners:
      "a corrupted replacement and a logit difference need every sample's corrupted partner"
    case .partner(let batch, let sample, let reason):
      "the partner of sample \(sample) in batch \(batch) \(reason)"
    case .sharedRows: "the sequences of the batch share rows, so their gradients cannot be separated"
    case .notRecorded(let point): "no pass came past \(point)"
    }
  }
}
