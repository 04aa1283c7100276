import Digests

/// What a counter-based stream is used for. Under one seed each purpose has its own stream, so a new
/// measurement changes no other.
///
/// The raw values determine every result: renaming one changes the numbers drawn for it.
package enum Purpose: String, CaseIterable, Codable, Sendable {
  case initialisation
  case trainingData = "training_data"
  case evaluation
  case outOfDistribution = "out_of_distribution"
  case gradients
  case means
  case ablation
  case resample
  case pruning
  case bootstrap
  case permutation
  case validation
  case extra
  case power
  case interactions

  /// The 64-bit FNV-1a hash of the raw value's UTF-8, which is the same on every machine and in every
  /// version.
  var stableHash: UInt64 { fnv1a64(rawValue.utf8) }
}
