/// Which values of a statistic speak against the null hypothesis.
package enum Alternative: String, Equatable, Sendable, Codable {
  case greater, less
  /// Far from zero on either side.
  case twoSided = "two_sided"

  /// Larger is more extreme.
  func extremity(_ statistic: Double) -> Double {
    switch self {
    case .greater: statistic
    case .less: -statistic
    case .twoSided: abs(statistic)
    }
  }
}

/// How the null distribution was gone through.
package enum NullDistribution: Equatable, Sendable {
  /// Every arrangement once, the observed one among them: p = count ≥ / arrangements.
  case exact(arrangements: Int)
  /// Arrangements drawn at random: p = (1 + count ≥) / (1 + draws), never zero (B. Phipson and G. K. Smyth,
  /// "Permutation P-values Should Never Be Zero", Statistical Applications in Genetics and Molecular Biology
  /// 9, 2010).
  case sampled(draws: Int)
}

/// A statistic and its p-value from rearranged data.
///
/// An arrangement as extreme as the observed one counts against the null hypothesis ("≥", with room for the
/// rounding of sums). So the p-value is uniform where the statistic has no ties, up to the spacing of its
/// possible values, and with ties too large rather than too small: P(p ≤ α) ≤ α always.
package struct PermutationResult: Equatable, Sendable {
  package var statistic: Double
  package var pValue: Double
  package var null: NullDistribution

  package init(statistic: Double, pValue: Double, null: NullDistribution) {
    self.statistic = statistic
    self.pValue = pValue
    self.null = null
  }
}

/// Counts the arrangements at least as extreme as the observed one.
struct ExtremeCounter {
  private let alternative: Alternative
  private let threshold: Double
  private(set) var count = 0

  /// - Parameter scale: the size of the sums that statistics are made of; equal ones may differ by 1e-12 of
  ///   it.
  init(observed: Double, alternative: Alternative, scale: Double) {
    self.alternative = alternative
    threshold = alternative.extremity(observed) - 1e-12 * scale
  }

  mutating func add(_ statistic: Double) {
    if alternative.extremity(statistic) >= threshold { count += 1 }
  }
}
